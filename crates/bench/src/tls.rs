//! Handshakes of TLS with a server of the field, over the loopback.

mod bare;

use crate::pair::{Ratio, median, sorted};
use crate::place::Place;
use crate::table::{Group, Row, range};
use crate::tools::beside;
use needs::Program;
use std::path::{Path, PathBuf};

/// One handshake after the other, each opened.
pub(crate) const TLS: Group = Group {
    name: "tls",
    title: "tls: handshakes with openssl",
    about: "`openssl s_server` with a certificate of P-256 on the loopback, TLS 1.3, server and client on one core; the chain is verified,\n\
            nothing is resumed. `tls-peek -c 1000` records each handshake, takes its secrets and opens all its records, and reads the\n\
            certificates of the last one; a bare client on the same rustls with the same cryptography does not: both by their own\n\
            clocks, 11 rounds in turn. Then whole processes, from their start to their end, against the connections of `openssl s_time\n\
            -new -time 2`, 5 rounds. Ratios are of speeds.",
    rows,
};

const PORT: u16 = 7443;
const NAME: &str = "bench.test";
const HANDSHAKES: u32 = 1000;
const ROUNDS: usize = 11;
const PROCESSES: usize = 5;
/// The argument with which this program is the bare client.
const BARE: &str = "--bare-tls";

fn rows() -> Result<Vec<Row>, String> {
    let tool = beside("tls-peek")?;
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let certificate = Certificate::new()?;
    let place = Place::new()?;
    let server =
        format!("s_server -accept {PORT} -tls1_3 -cert {} -key {}", certificate.file("pem"), certificate.file("key"));
    // It reads its commands from standard input, and ends with that but for one of these.
    let _server = place.server(Path::new("openssl"), &format!("{server} -www"), "ACCEPT")?;

    let ca = certificate.file("pem");
    let ours =
        || place.program(&tool, &format!("127.0.0.1:{PORT} --name {NAME} --ca {ca} -c {HANDSHAKES} --json")).succeed();
    let bare = || place.program(&this, &format!("{BARE} {PORT} {ca} {HANDSHAKES}")).succeed();
    let (mut opened, mut closed) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        opened.push(rate_of_ours(&ours()?)?);
        closed.push(rate_of_bare(&bare()?)?);
    }
    let (mut peeked, mut timed) = (vec![], vec![]);
    for _ in 0..PROCESSES {
        peeked.push(f64::from(HANDSHAKES) / lasting(&ours)?.1);
        let words = format!("s_time -connect 127.0.0.1:{PORT} -new -time 2 -tls1_3 -CAfile {ca} -verify 1");
        let (said, seconds) = lasting(&|| place.program(Path::new("openssl"), &words).succeed())?;
        timed.push(connections(&said)? / seconds);
    }
    Ok(vec![
        row("each opened", &opened, "rustls alone", &closed, 0.9),
        row("whole process", &peeked, "s_time", &timed, 1.0),
    ])
}

fn row(what: &str, ours: &[f64], peer: &str, theirs: &[f64], bar: f64) -> Row {
    let ratio = Ratio::of_rounds(ours, theirs);
    let shown = |rates: &[f64]| format!("{:.0} /s", median(&sorted(rates.iter().copied())));
    Row {
        what: format!("full handshakes, {what}"),
        ours: shown(ours),
        peer: format!("{peer} {}", shown(theirs)),
        ratio: range(ratio),
        bar: format!("≥ {bar} × speed"),
        reached: Some(ratio.median >= bar),
    }
}

/// A certificate that vouches for itself, and its files; dropped, both are gone.
struct Certificate {
    directory: PathBuf,
}

impl Certificate {
    /// # Errors
    /// That there is no openssl.
    fn new() -> Result<Self, String> {
        let directory = std::env::temp_dir().join(format!("first-hop-tls-{}", std::process::id()));
        std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
        let certificate = Self { directory };
        let (key, pem) = (certificate.file("key"), certificate.file("pem"));
        let words = format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {key} -out {pem} -days 2 -subj /CN={NAME} \
             -addext subjectAltName=DNS:{NAME} -addext basicConstraints=critical,CA:FALSE"
        );
        Program::new("openssl").words(&words).succeed()?;
        Ok(certificate)
    }

    fn file(&self, name: &str) -> String {
        self.directory.join(name).display().to_string()
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Handshakes a second; all must have been opened.
fn rate_of_ours(said: &str) -> Result<f64, String> {
    let whole = format!("\"handshakes\":{HANDSHAKES},\"opened\":{HANDSHAKES},");
    let nanos: Option<f64> =
        said.split_once("\"took_ns\":").and_then(|(_, rest)| rest.split([',', '}']).next()?.parse().ok());
    let rate = nanos.filter(|_| said.contains(&whole)).map(|nanos| f64::from(HANDSHAKES) / nanos * 1e9);
    rate.ok_or_else(|| format!("tls-peek: not all was opened: {said}"))
}

fn rate_of_bare(said: &str) -> Result<f64, String> {
    let nanos: Option<f64> = said.trim().parse().ok();
    nanos.map(|nanos| f64::from(HANDSHAKES) / nanos * 1e9).ok_or_else(|| format!("no time of the bare client: {said}"))
}

/// `1893 connections in 3 real seconds, 0 bytes read per connection`: whole seconds, so that only the number is of use.
fn connections(said: &str) -> Result<f64, String> {
    let line = said.lines().find(|line| line.contains("real seconds"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| format!("no connections of s_time: {said}"))
}

/// What a process says, and how long it lives, in seconds.
#[expect(clippy::disallowed_methods, reason = "a whole process is what is measured")]
fn lasting(run: &dyn Fn() -> Result<String, String>) -> Result<(String, f64), String> {
    let start = std::time::Instant::now();
    let said = run()?;
    Ok((said, start.elapsed().as_secs_f64()))
}

/// Does what the argument asks for; `None`: it is another one.
pub(crate) fn part(argument: &str, args: &[String]) -> Option<Result<(), String>> {
    let [port, ca, count] = args else { return None };
    (argument == BARE).then(|| bare::run(port, ca, count, NAME).map_err(|error| error.to_string()))
}
