//! Questions about names, to a server of the field on the loopback.

use crate::pair::{Ratio, median, sorted};
use crate::table::{Group, Row, range};
use crate::tcp::on_one_core;
use crate::tools::beside;
use needs::{Program, Running};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// One question from the start of a process to its end, and as many as go.
pub(crate) const NAMES: Group = Group {
    name: "names",
    title: "names: questions to nsd",
    about: "nsd with one zone of 10,000 hosts on a loopback address, server and clients on one core. First the whole process of\n\
            `mini-dig HOST +short`, from its start to its end, against `dig HOST +short` (bind9-dnsutils) and `kdig HOST +short`\n\
            (knot-dnsutils); each answer is compared; 51 rounds. mini-dig is one static file, as `just release` makes it; the\n\
            others load the libraries of their packages. Then `mini-dig -f LIST --quiet +noedns` against `dnsperf -d LIST -c 1\n\
            -T 1`, both with 100 questions on their way at once and by their own clocks; 100,000 questions, 11 rounds, in turn; the\n\
            ratio is of speeds. mini-dig checks sender, number and question of each answer, and reads all of it; its data were\n\
            compared with the zone before.",
    rows,
};

const SERVER: &str = "127.0.53.53";
const PORT: u16 = 5399;
const HOSTS: usize = 10_000;
const QUESTIONS: usize = 100_000;
const PROCESSES: usize = 51;
const ROUNDS: usize = 11;
const LIMIT: Duration = Duration::from_secs(600);

fn rows() -> Result<Vec<Row>, String> {
    let mini_dig = beside("mini-dig")?;
    on_one_core(|| {
        let server = match Server::start(&mini_dig) {
            Ok(server) => server,
            Err(missing) => return Ok(vec![absent("all of it", &missing, "")]),
        };
        let mut rows = vec![];
        for (peer, bar) in [("dig", Some(0.1)), ("kdig", None)] {
            rows.push(process(&server, &mini_dig, peer, bar)?);
        }
        rows.push(list(&server, &mini_dig)?);
        Ok(rows)
    })?
}

/// A row whose peer is not there.
fn absent(what: &str, peer: &str, bar: &str) -> Row {
    Row {
        what: what.into(),
        ours: String::new(),
        peer: peer.into(),
        ratio: String::new(),
        bar: bar.into(),
        reached: None,
    }
}

/// A server that runs, and its files; dropped, both are gone.
struct Server {
    directory: PathBuf,
    running: Option<Running>,
}

impl Server {
    /// # Errors
    /// That there is no nsd, or that it does not answer.
    fn start(mini_dig: &Path) -> Result<Self, String> {
        let directory = std::env::temp_dir().join(format!("first-hop-names-{}", std::process::id()));
        std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
        let mut server = Self { directory, running: None };
        let place = server.directory.display();
        let configuration = format!(
            "server:\n  ip-address: {SERVER}\n  port: {PORT}\n  server-count: 1\n  zonesdir: \"{place}\"\n  database: \"\"\n  \
             pidfile: \"{place}/pid\"\n  xfrdfile: \"{place}/xfrd\"\n  zonelistfile: \"{place}/list\"\n  logfile: \
             \"{place}/log\"\n  username: \"\"\n  rrl-ratelimit: 0\nremote-control:\n  control-enable: no\nzone:\n  name: \
             example\n  zonefile: zone\n"
        );
        let mut zone =
            String::from("$ORIGIN example.\n$TTL 300\n@ SOA ns host 1 7200 3600 1209600 60\n@ NS ns\nns A 192.0.2.1\n");
        for host in 0..HOSTS {
            let _ = writeln!(zone, "host{host} A {}", address(host));
        }
        let asked =
            |end: &str| -> String { (0..QUESTIONS).map(|at| format!("host{}.example{end}\n", at % HOSTS)).collect() };
        for (name, text) in [("conf", configuration), ("zone", zone), ("names", asked("")), ("perf", asked(" A"))] {
            std::fs::write(server.file(name), text).map_err(|error| error.to_string())?;
        }
        let nsd = Program::new("nsd").args(["-d".into(), "-c".into(), server.file("conf")]).limit(LIMIT);
        server.running = Some(nsd.start().map_err(|_| "nsd is not installed".to_string())?);
        let is_there = (0..50).any(|_| {
            let pause = Program::new("sleep").words("0.1").run();
            pause.is_ok()
                && server.client(mini_dig, "host7.example +tries=1").is_ok_and(|said| said.contains(&address(7)))
        });
        if is_there { Ok(server) } else { Err("nsd does not answer".into()) }
    }

    fn file(&self, name: &str) -> String {
        self.directory.join(name).display().to_string()
    }

    /// What a client in dig's manner says.
    fn client(&self, program: &Path, words: &str) -> Result<String, String> {
        let words = format!("@{SERVER} -p {PORT} {words}");
        Ok(Program::new(program).words(&words).limit(LIMIT).run()?.stdout)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to end, it ends the processes that it has begun too.
        if let Some(running) = self.running.take() {
            let _ = running.signal("TERM");
            let _ = running.end();
        }
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn address(host: usize) -> String {
    format!("198.18.{}.{}", host / 250, host % 250 + 1)
}

/// Whole processes, each with a question of its own.
fn process(server: &Server, mini_dig: &Path, peer: &str, bar: Option<f64>) -> Result<Row, String> {
    let what = "start, one question, end";
    let told = bar.map_or(String::new(), |bar| format!("≤ {bar} × time"));
    if server.client(Path::new(peer), "host7.example +short").is_err() {
        return Ok(absent(what, &format!("{peer} is not installed"), &told));
    }
    let (mut ours, mut theirs) = (vec![], vec![]);
    for host in 0..PROCESSES {
        ours.push(time_of(mini_dig, host)?);
        theirs.push(time_of(Path::new(peer), host)?);
    }
    let ratio = Ratio::of_rounds(&ours, &theirs);
    let shown = |times: &[f64]| format!("{:.1} ms", median(&sorted(times.iter().copied())) * 1e3);
    Ok(Row {
        what: what.into(),
        ours: shown(&ours),
        peer: format!("{peer} {}", shown(&theirs)),
        ratio: range(ratio),
        bar: told,
        reached: bar.map(|bar| ratio.median <= bar),
    })
}

/// How long a client takes for one question, in seconds; its answer must be the host's address.
#[expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a whole process is what is measured")]
fn time_of(program: &Path, host: usize) -> Result<f64, String> {
    let mut command = std::process::Command::new(program);
    command.args([&format!("@{SERVER}"), "-p", &PORT.to_string(), &format!("host{host}.example"), "+short"]);
    command.stdin(Stdio::null());
    let start = std::time::Instant::now();
    let output = command.output().map_err(|error| format!("{}: {error}", program.display()))?;
    let took = start.elapsed().as_secs_f64();
    match String::from_utf8_lossy(&output.stdout).trim() == address(host) {
        true => Ok(took),
        false => Err(format!("{} did not find host{host}: {output:?}", program.display())),
    }
}

/// As many as go.
fn list(server: &Server, mini_dig: &Path) -> Result<Row, String> {
    let (what, bar) = ("a list, 100 on their way", "≥ 0.8 × speed");
    let said = server.client(mini_dig, &format!("-f {} +short", server.file("names")))?;
    let expected = (0..QUESTIONS).map(|at| address(at % HOSTS));
    if !said.lines().eq(expected) {
        return Err("mini-dig -f: not the addresses of the zone".into());
    }
    let by_dnsperf = || {
        let words = format!("-s {SERVER} -p {PORT} -d {} -n 1 -c 1 -T 1 -q 100", server.file("perf"));
        Program::new("dnsperf").words(&words).limit(LIMIT).run().map(|ended| ended.stdout)
    };
    if by_dnsperf().is_err() {
        return Ok(absent(what, "dnsperf is not installed", bar));
    }
    let (mut ours, mut theirs) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        ours.push(rate_of_ours(
            &server.client(mini_dig, &format!("-f {} --quiet --json +noedns", server.file("names")))?,
        )?);
        theirs.push(rate_of_dnsperf(&by_dnsperf()?)?);
    }
    let speed = Ratio::of_rounds(&ours, &theirs);
    let shown = |rates: &[f64]| format!("{:.0} k/s", median(&sorted(rates.iter().copied())) / 1e3);
    Ok(Row {
        what: what.into(),
        ours: shown(&ours),
        peer: format!("dnsperf {}", shown(&theirs)),
        ratio: range(speed),
        bar: bar.into(),
        reached: Some(speed.median >= 0.8),
    })
}

/// Questions a second; all must have been answered with an address.
fn rate_of_ours(said: &str) -> Result<f64, String> {
    let whole = format!("\"rcodes\":{{\"NOERROR\":{QUESTIONS}}}");
    let nanos: Option<f64> =
        said.split_once("\"span_ns\":").and_then(|(_, rest)| rest.split([',', '}']).next()?.parse().ok());
    let all = f64::from(u32::try_from(QUESTIONS).unwrap_or(u32::MAX));
    let rate = nanos.filter(|_| said.contains(&whole)).map(|nanos| all / nanos * 1e9);
    rate.ok_or_else(|| format!("mini-dig: not all was answered: {said}"))
}

/// `Queries per second:   66138.572214`, where none was lost.
fn rate_of_dnsperf(said: &str) -> Result<f64, String> {
    let after = |what: &str| said.split_once(what).and_then(|(_, rest)| rest.split_whitespace().next());
    let rate = after("Queries per second:").and_then(|rate| rate.parse().ok());
    rate.filter(|_| after("Queries lost:") == Some("0")).ok_or_else(|| format!("dnsperf: not all was answered: {said}"))
}
