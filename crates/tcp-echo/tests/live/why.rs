//! What left when, what held it, and how long: in the kernel's TCP, by the capture, by `TCP_INFO`, and beside the model.

use crate::ends::{OURS, exits, has, ours, pair, serve};
use crate::{is, json};
use needs::document::Documented;
use needs::transcript::equal;
use needs::{Failed, Net, Program};
use serde_json::Value;

pub(crate) fn stall() -> Result<(), Failed> {
    let net = pair()?;
    for (sender, server, stalls) in [
        ("", "", true),
        ("--nodelay", "", false),
        ("--cork", "", false),
        ("--msg-more", "", false),
        ("", "--quickack=always", false),
        ("", "--quickack", true),
    ] {
        let running = serve(&net, &format!("-q -c 1 --reads 8 {server}"))?;
        // The first exchange never waits: Linux begins with quick acknowledgments.
        let sent = net.at("a", ours(&format!("send -q -c 15 -i 0 --writes 4,4 {sender} 10.77.1.2"))).run()?;
        exits(&sent, 0)?;
        exits(&running.end()?, 0)?;
        let times = sent.stdout.lines().find_map(|line| line.strip_prefix("rtt p50/p95/p99 = "));
        let median = times.and_then(|times| times.split('/').next()?.parse::<f64>().ok());
        let median = median.ok_or_else(|| format!("no median in {sent}"))?;
        let is_so = if stalls { median >= 35.0 } else { median <= 5.0 };
        if !is_so {
            return Err(format!("send {sender}, serve {server}: {median} ms").into());
        }
    }
    Ok(())
}

/// The second request of these writes from a to b, whose server reads it whole. `may_see`: the sender may open link sockets.
fn second_request(net: &Net, writes: &str, may_see: bool) -> Result<Value, Failed> {
    let bytes: usize = writes.split(',').filter_map(|size| size.parse::<usize>().ok()).sum();
    let server = serve(net, &format!("-q -c 1 --reads {bytes}"))?;
    let program = if may_see {
        Program::new(OURS)
    } else {
        Program::new("setpriv").words("--bounding-set=-net_raw --inh-caps=-net_raw --").args([OURS])
    };
    let sender = program.words(&format!("send --json -c 2 -i 0.05 --writes {writes} 10.77.1.2"));
    let sent = net.at("a", sender).run()?;
    exits(&sent, 0)?;
    exits(&server.end()?, 0)?;
    let lines = json(&sent.stdout)?;
    let second = lines.into_iter().find(|line| line["number"] == 2);
    second.ok_or_else(|| format!("no second request in {sent}").into())
}

/// The segments of a request: bytes, whether they left at once, and the rule that held them. What left again is none of the rules':
/// a busy machine may answer so late that Linux probes for a loss.
fn segments(request: &Value) -> Vec<(u64, bool, String)> {
    let writes = request["writes"].as_array().into_iter().flatten();
    let segments = writes.flat_map(|write| write["segments"].as_array().into_iter().flatten());
    let seen = |segment: &Value| {
        let rules = segment["held"].as_array().into_iter().flatten().filter_map(|held| held["rule"].as_str());
        let bytes = segment["segment_bytes"].as_u64().unwrap_or_default();
        (bytes, segment["at_once"] == true, rules.collect::<Vec<_>>().join(" "))
    };
    segments.filter(|segment| segment["again"] == false).map(seen).collect()
}

fn at_once(bytes: u64) -> (u64, bool, String) {
    (bytes, true, String::new())
}

fn by_nagle(bytes: u64) -> (u64, bool, String) {
    (bytes, false, "nagle".into())
}

/// Of 500 and 960 bytes the 960 are held, and of 5000 nothing; that is seen by this witness.
fn held_by_linux(may_see: bool, witness: &str) -> Result<(), Failed> {
    let net = Net::row(&["a", "b"]).sysctl("a", "net.ipv4.tcp_timestamps=0").build()?;
    let small = second_request(&net, "500,960", may_see)?;
    is(&segments(&small), &[at_once(500), by_nagle(960)], &small)?;
    is(&small["seen_by"], &Value::from(witness), &small)?;
    let after = small["writes"][1]["segments"][0]["after_ns"].as_u64().unwrap_or_default();
    if after < 35_000_000 {
        return Err(format!("the 960 bytes left after {after} ns: {small}").into());
    }
    let large = second_request(&net, "5000", may_see)?;
    is(&segments(&large), &[at_once(1460), at_once(1460), at_once(1460), at_once(620)], &large)
}

pub(crate) fn why() -> Result<(), Failed> {
    held_by_linux(true, "link")
}

pub(crate) fn why_without_capture() -> Result<(), Failed> {
    held_by_linux(false, "tcp_info")
}

/// The cells of a matrix on the loopback of a namespace.
fn pairs(args: &str) -> Result<Vec<Value>, Failed> {
    let net = pair()?;
    let ran = net.at("a", ours(&format!("matrix --live --json {args}"))).run()?;
    exits(&ran, 0)?;
    Ok(json(&ran.stdout)?.into_iter().filter(|line| line["event"] == "pair").collect())
}

pub(crate) fn medians() -> Result<(), Failed> {
    let pairs = pairs("-c 50 --writes 4,4")?;
    let mut stalled = 0;
    for cell in pairs.iter().filter(|cell| cell["nagle"] != "rfc") {
        let median = cell["median_rtt_ns"].as_u64().ok_or_else(|| format!("no median: {cell}"))?;
        let stalls = cell["nagle"] == "minshall" && cell["cork"] == false && cell["quickack"] != "always";
        let is_so = if stalls { median >= 35_000_000 } else { median <= 5_000_000 };
        if !is_so {
            return Err(format!("stalls: {stalls}, and the median is {median} ns: {cell}").into());
        }
        is(&cell["rule"], &if stalls { Value::from("nagle") } else { Value::Null }, cell)?;
        stalled += usize::from(stalls);
    }
    is(&(stalled, pairs.len()), &(3, 24), &Value::Null)
}

pub(crate) fn matrix() -> Result<(), Failed> {
    for (writes, by_rfc, here) in [("500,960", Some(960), Some(960)), ("5000", Some(620), None)] {
        let pairs = pairs(&format!("-c 3 --writes {writes}"))?;
        let of = |nagle: &str| {
            pairs.iter().find(|cell| cell["nagle"] == nagle && cell["cork"] == false && cell["quickack"] == "usual")
        };
        let (rfc, minshall) = of("rfc").zip(of("minshall")).ok_or("a cell is missing")?;
        is(&rfc["model_held_bytes"].as_u64(), &by_rfc, rfc)?;
        is(&rfc["median_rtt_ns"], &Value::Null, rfc)?;
        has(&rfc["words"].to_string(), "Linux has no rule of Nagle's but Minshall's")?;
        is(&minshall["held_bytes"].as_u64(), &here, minshall)?;
        is(&minshall["model_held_bytes"].as_u64(), &here, minshall)?;
    }
    Ok(())
}

pub(crate) fn matrix_json() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let manual = Documented { program: OURS, tool: "tcp-echo", directory: directory.path() };
    let unseen = manual.json("tcp-echo matrix", &["matrix --live --writes 4,4 -c 1"])?;
    equal(&unseen, &["cell"])
}

pub(crate) fn tcpinfo() -> Result<(), Failed> {
    let net = pair()?;
    let directory = tempfile::tempdir()?;
    let server = serve(&net, "-q -c 1 --reads 8")?;
    let sender = ours("send -q -c 2 -i 0.05 --writes 4,4 --tcpinfo info.csv 10.77.1.2").directory(directory.path());
    exits(&net.at("a", sender).run()?, 0)?;
    exits(&server.end()?, 0)?;
    let table = std::fs::read_to_string(directory.path().join("info.csv"))?;
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let unacked = |bytes: &str| rows.iter().any(|row| row.get(5) == Some(&bytes));
    let times: Vec<f64> = rows.iter().filter_map(|row| row.first()?.parse().ok()).collect();
    let is_so = unacked("4") && unacked("0") && times.is_sorted() && times.len() == rows.len() && rows.len() < 200;
    if is_so { Ok(()) } else { Err(format!("that is no table of a request that waits:\n{table}").into()) }
}

/// What the ladder shows of this end: the segment, and the state from then on.
fn rungs(text: &str) -> Vec<String> {
    let ladder =
        text.lines().skip_while(|line| !line.contains("other end")).skip(2).take_while(|line| !line.is_empty());
    let rung = |line: &str| {
        // The time stands before it.
        let words = line.split_whitespace().skip(1).map(|word| word.trim_matches(['-', '<', '>']));
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    ladder.map(rung).collect()
}

pub(crate) fn states() -> Result<(), Failed> {
    let net = pair()?;
    let server = serve(&net, "-c 1")?;
    let sent = net.at("a", ours("send -e --ascii --states -c 1 --writes 8 10.77.1.2")).run()?;
    exits(&sent, 0)?;
    exits(&server.end()?, 0)?;
    let rungs = rungs(&sent.stdout);
    let begins = ["SYN-SENT SYN 0", "ESTABLISHED SYN 0 ack 1", "ESTABLISHED ack 1", "ESTABLISHED PSH 1:9 ack 1"];
    equal(&rungs.iter().take(4).map(String::as_str).collect::<Vec<_>>(), &begins)?;
    let has_rung = |rung: &str| match rungs.iter().any(|one| one == rung) {
        true => Ok(()),
        false => Err(Failed::from(format!("no '{rung}' in {rungs:?}"))),
    };
    has_rung("ESTABLISHED PSH 1:9 ack 9")?;
    has_rung("FIN-WAIT-1 FIN 9 ack 9")?;
    // The other end's FIN comes with the acknowledgment of this one's, or behind it.
    has_rung("TIME-WAIT FIN 9 ack 10")?;
    has(&sent.stdout, "this is what a link socket saw at\n")?;
    has(&sent.stdout, "segment 1 to 10.77.1.2:7: SYN 0")?;
    has(&sent.stderr, "the other end, are not seen from here")?;
    // Who refuses is seen to.
    let refused = net.at("a", ours("send --states 10.77.1.2:9")).run()?;
    has(&refused.stdout, "CLOSED")?;
    exits(&refused, 1)
}

pub(crate) fn states_without_capture() -> Result<(), Failed> {
    let net = pair()?;
    for option in ["-e", "--states"] {
        let sender = Program::new("setpriv").words("--bounding-set=-net_raw --inh-caps=-net_raw --").args([OURS]);
        let sent = net.at("a", sender.words(&format!("send {option} 10.77.1.2"))).run()?;
        let error = "error: cannot open a link socket: this needs CAP_NET_RAW\nhint: run `just setcap tcp-echo`, or stay in the";
        has(&sent.stderr, error)?;
        exits(&sent, 2)?;
    }
    Ok(())
}
