//! DNS over TLS and HTTPS with unbound, which nobody here wrote, on a real kernel in network namespaces; each run makes its
//! certificates.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.2 b        mini-dig at a, unbound at b
//! ```

mod certificates;

use certificates::Certificates;
use needs::{Ended, Failed, Net, Program, Running, test};
use std::path::Path;
use std::process::ExitCode;

const OURS: &str = env!("CARGO_BIN_EXE_mini-dig");

fn main() -> ExitCode {
    needs::live(&["unbound", "socat"]).run([
        test("unbound_answers_by_tls_what_it_answers_by_udp", by_tls),
        test("ways_to_ask_unbound_are_compared_by_what_the_kernel_tells", compared),
        test("certificate_that_is_not_the_servers_is_told_by_its_reason", not_believed),
        test("server_without_tls_is_told_by_what_it_does", without_tls),
        test("unbound_answers_by_https_or_it_is_told_how_to_build_that", by_https),
    ])
}

/// Two hosts, and unbound at `b` with one of the certificates.
struct Place {
    // In the order in which they go away.
    unbound: Option<Running>,
    net: Net,
    files: tempfile::TempDir,
}

impl Place {
    fn new(certificate: &str) -> Result<Self, Failed> {
        let net = Net::row(&["a", "b"]).build()?;
        let files = tempfile::tempdir()?;
        Certificates::new()?.write(files.path())?;
        let mut place = Self { unbound: None, net, files };
        std::fs::write(place.files.path().join("unbound.conf"), place.configuration(certificate))?;
        let config = place.file("unbound.conf");
        let program = Program::new("unbound").words("-d -d -p -c").args([config]);
        let mut unbound = place.net.at("b", program).start()?;
        unbound.wait_for("start of service")?;
        place.unbound = Some(unbound);
        Ok(place)
    }

    fn file(&self, name: &str) -> String {
        self.files.path().join(name).display().to_string()
    }

    fn configuration(&self, certificate: &str) -> String {
        let (key, chain) = (self.file(&format!("{certificate}.key")), self.file(&format!("{certificate}.pem")));
        format!(
            "server:\n  username: \"\"\n  chroot: \"\"\n  directory: \"{}\"\n  pidfile: \"\"\n  use-syslog: no\n  verbosity: 1\n\
             \x20 num-threads: 1\n  interface: 10.77.1.2@53\n  interface: 10.77.1.2@853\n  interface: 10.77.1.2@443\n\
             \x20 access-control: 0.0.0.0/0 allow\n  tls-port: 853\n  https-port: 443\n  tls-service-key: \"{key}\"\n\
             \x20 tls-service-pem: \"{chain}\"\n  module-config: \"iterator\"\n  local-zone: \"example.\" static\n\
             \x20 local-data: \"www.example. 300 IN A 203.0.113.10\"\n  local-data: \"big.example. 300 IN TXT {}\"\n\
             remote-control:\n  control-enable: no\n",
            Path::display(self.files.path()),
            "0123456789 "
                .repeat(20)
                .trim_end()
                .split(' ')
                .map(|text| format!("'{text}'"))
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    /// Runs mini-dig at `a`, which asks `b`.
    fn ask(&self, words: &str) -> Result<Ended, String> {
        self.net.at("a", Program::new(OURS).words("@10.77.1.2").words(words)).run()
    }
}

fn same(found: &str, wanted: &str) -> Result<(), Failed> {
    if found == wanted { Ok(()) } else { Err(format!("found:\n{found}\nwanted:\n{wanted}").into()) }
}

/// What an answer says, without the lines that differ from run to run.
fn records(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with(";;")).collect::<Vec<_>>().join("\n")
}

fn by_tls() -> Result<(), Failed> {
    let place = Place::new("good")?;
    let ca = place.file("ca.pem");
    for question in ["www.example", "nosuch.example", "big.example TXT", "www.example AAAA"] {
        let plain = place.ask(&format!("{question} +exit"))?;
        let secured = place.ask(&format!("{question} +exit +tls-ca={ca}"))?;
        let is_tls = secured.stdout.starts_with(";; TLS 1.3, X25519, ")
            && secured.stdout.contains("the server has shown that it is 10.77.1.2\n")
            && secured.stdout.contains(";; SERVER: 10.77.1.2#853(10.77.1.2) (TLS)\n");
        if !is_tls || plain.code != secured.code {
            return Err(format!("{question}: {secured}\nbeside {plain}").into());
        }
        // unbound pads what it says by TLS (RFC 8467), and says so.
        let unpadded: String = secured
            .stdout
            .lines()
            .filter(|line| !line.starts_with("; PADDING"))
            .map(|line| format!("{line}\n"))
            .collect();
        same(&records(&unpadded), &records(&plain.stdout))?;
    }
    same(
        &place.ask(&format!("www.example +tls-ca={ca} +tls-host=dns.example +short"))?.to_string(),
        "exit 0\n203.0.113.10\n",
    )
}

fn compared() -> Result<(), Failed> {
    let place = Place::new("good")?;
    let ca = place.file("ca.pem");
    let list = if cfg!(feature = "doh") { "udp,tcp,dot,doh" } else { "udp,tcp,dot" };
    let ended = place.ask(&format!("www.example +tls-ca={ca} +compare={list} --json"))?;
    let rows: Vec<serde_json::Value> = ended.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let numbers = |way: &str| -> Option<(u64, u64, u64)> {
        let row = rows.iter().find(|row| row["way"] == way)?;
        let is_same = row["outcome"] == "answer" && (way == "udp" || row["same_answer"] == true);
        let unknown = row["wire_bytes_sent"].is_null() && row["packets_sent"].as_u64()? > 0;
        let data = row["data_bytes_sent"].as_u64()? + row["data_bytes_received"].as_u64()?;
        (is_same && unknown).then_some((row["round_trips"].as_u64()?, row["packets_sent"].as_u64()?, data))
    };
    let found: Vec<_> = list.split(',').map(numbers).collect();
    let fits = match found[..] {
        [Some((1, 1, udp)), Some((2, tcp_packets, tcp)), Some((3, dot_packets, dot)), ref rest @ ..] => {
            tcp == udp + 4
                && dot > 1000
                && dot_packets >= tcp_packets
                && rest.iter().all(|doh| matches!(doh, Some((3, _, data)) if *data > 1000))
        }
        _ => false,
    };
    if fits && ended.code == 0 { Ok(()) } else { Err(format!("{found:?}\n{ended}").into()) }
}

fn not_believed() -> Result<(), Failed> {
    let refused = |certificate: &str, flags: &str, why: &str| -> Result<(), Failed> {
        let place = Place::new(certificate)?;
        let flags = flags.replace("CA", &place.file("ca.pem"));
        let ended = place.ask(&format!("www.example +short {flags}"))?;
        let first = ended.stdout.lines().next().unwrap_or_default();
        same(first, &format!(";; no TLS with 10.77.1.2#853: {why}"))?;
        if ended.code == 1 { Ok(()) } else { Err(ended.to_string().into()) }
    };
    refused("good", "+tls", "the server's certificate is signed by an authority that is not trusted here").or_else(
        |error| {
            // A machine may trust nobody at all, and says that first.
            if error.message().unwrap_or_default().contains("wanted") { Err(error) } else { Ok(()) }
        },
    )?;
    refused(
        "good",
        "+tls-ca=CA +tls-host=www.example",
        "the server's certificate is not for www.example: it is for dns.example, 10.77.1.2",
    )?;
    let place = Place::new("expired")?;
    let ended = place.ask(&format!("www.example +short +tls-ca={}", place.file("ca.pem")))?;
    if !ended
        .stdout
        .starts_with(";; no TLS with 10.77.1.2#853: the server's certificate expired on 2020-01-01, and here it is 20")
    {
        return Err(ended.to_string().into());
    }
    let ended = place.ask("www.example +short +tls-insecure")?;
    same(&ended.stdout, "203.0.113.10\n")?;
    same(
        &ended.stderr,
        "note: +tls-insecure: the server's certificate was not looked at, so anybody on the way may be the server\n",
    )
}

fn without_tls() -> Result<(), Failed> {
    let place = Place::new("good")?;
    let ca = place.file("ca.pem");
    let served_by = |port: u16, what: &str| -> Result<Ended, Failed> {
        let words = format!("-d -d TCP-LISTEN:{port},reuseaddr,fork SYSTEM:{what}");
        let (listen, system) = words.split_once(" SYSTEM:").unwrap_or_default();
        let program = Program::new("socat").words(listen).args([format!("SYSTEM:{system}")]);
        let mut socat = place.net.at("b", program).start()?;
        socat.wait_for("listening on")?;
        Ok(place.ask(&format!("www.example +short +tls-ca={ca} -p {port} +tries=1"))?)
    };
    same(
        &served_by(8001, "head -c 20 >/dev/null; echo hello")?.to_string(),
        "exit 1\n;; no TLS with 10.77.1.2#8001: what came is not TLS: it begins with 'hello\\n'\n\
         ;; hint: is it the right port? the service there may speak without TLS\n",
    )?;
    same(
        &served_by(8002, "head -c 200 >/dev/null")?.to_string(),
        "exit 1\n;; no TLS with 10.77.1.2#8002: the server closed the connection in the TLS handshake, without a word\n",
    )?;
    let ended = place.ask(&format!("www.example +short +tls-ca={ca} -p 53 +tries=1 +timeout=0.2"))?;
    let first = ended.stdout.lines().next().unwrap_or_default();
    same(first, ";; communications error to 10.77.1.2#53: no answer in 0.2 s by TLS, which may not be spoken there")
}

fn by_https() -> Result<(), Failed> {
    let place = Place::new("good")?;
    let ca = place.file("ca.pem");
    if !cfg!(feature = "doh") {
        let ended = place.ask(&format!("www.example +https +tls-ca={ca} +short"))?;
        return same(
            &ended.stdout,
            ";; no HTTPS with 10.77.1.2#443: this mini-dig was built without DNS over HTTPS\n\
             ;; hint: build it with `cargo build --package mini-dig --features doh`\n",
        );
    }
    for question in ["www.example", "nosuch.example", "big.example TXT"] {
        let plain = place.ask(&format!("{question} +exit"))?;
        let secured = place.ask(&format!("{question} +exit +https +tls-ca={ca}"))?;
        if plain.code != secured.code || !secured.stdout.contains(";; SERVER: 10.77.1.2#443(10.77.1.2) (HTTPS)\n") {
            return Err(format!("{question}: {secured}\nbeside {plain}").into());
        }
        let unpadded: String = secured
            .stdout
            .lines()
            .filter(|line| !line.starts_with("; PADDING"))
            .map(|line| format!("{line}\n"))
            .collect();
        same(&records(&unpadded), &records(&plain.stdout))?;
    }
    let elsewhere = place.ask(&format!("www.example +https=/elsewhere +tls-ca={ca} +exit"))?;
    if elsewhere.code != 18 || !elsewhere.stdout.contains(";; no HTTPS with 10.77.1.2#443: the server answers HTTP 404")
    {
        return Err(elsewhere.to_string().into());
    }
    Ok(())
}
