//! Traces over four routers on real kernels, beside traceroute, tracepath and mtr, in network namespaces that are made for this
//! and go with it.

use crate::pair::{alone, batches};
use crate::table::{Group, Row, range};
use crate::tools::beside;
use needs::{Net, Program};
use std::cell::RefCell;
use std::path::Path;

/// Traces over four routers.
pub(crate) const TRACE: Group = Group {
    name: "trace",
    title: "trace: four routers and the target",
    about: "`mytraceroute`, as root, from one end of a row of six network namespaces to the other, beside `traceroute -n` (-q1 where\n\
            it says so), `tracepath -n` and `mtr -n --report -c1` with the same target; in turn. The time is of the whole process: less\n\
            is better. With Linux' own limit of ICMP errors (six at once to each host, then one a second) both run again and again in\n\
            the same network, and a run is right if it shows five hops, each with its address.",
    rows,
};

const TARGET: &str = "10.77.5.2";
const PAIRS: usize = 21;
/// mtr takes six seconds for a report of one round.
const SLOW_PAIRS: usize = 2;
const REPEATS: usize = 50;
const PEER_REPEATS: usize = 5;

fn rows() -> Result<Vec<Row>, String> {
    let ours = beside("mytraceroute")?;
    let net = Net::row(&["a", "r", "s", "t", "u", "b"]).build()?;
    let mut rows = vec![];
    for (args, peer, pairs) in [
        ("", "traceroute -n", PAIRS),
        ("-q 1", "traceroute -n -q1", PAIRS),
        ("-I", "traceroute -n -I", PAIRS),
        ("-T", "traceroute -n -T", PAIRS),
        ("--mtu", "tracepath -n", PAIRS),
        ("-q 1 -I", "mtr -n --report -c1", SLOW_PAIRS),
    ] {
        rows.push(pair(&net, &ours, args, peer, pairs)?);
    }
    rows.push(silent_tail(&ours)?);
    rows.push(repeated(&ours)?);
    Ok(rows)
}

fn pair(net: &Net, ours: &Path, args: &str, peer: &str, pairs: usize) -> Result<Row, String> {
    let failed = RefCell::new(None);
    let run = |program: Program| match net.at("a", program.words(TARGET)).run() {
        // The last hop is there; how right the others are is another row's question.
        Ok(ended) if ended.stdout.contains(&format!(" {TARGET} ")) => {}
        Ok(ended) => *failed.borrow_mut() = Some(ended.to_string()),
        Err(error) => *failed.borrow_mut() = Some(error),
    };
    let (program, words) = peer.split_once(' ').unwrap_or((peer, ""));
    let timed = batches(pairs, 1, || run(Program::new(ours).words(args)), || run(Program::new(program).words(words)));
    if let Some(failed) = failed.into_inner() {
        return Err(failed);
    }
    let ms = |nanoseconds: f64| nanoseconds / 1e6;
    Ok(Row {
        what: format!("mytraceroute {args}").trim_end().into(),
        ours: format!("{:.1} ms", ms(timed.ours)),
        peer: format!("{peer} {:.1} ms", ms(timed.theirs)),
        ratio: range(timed.ratio),
        bar: "≤ 50 ms".into(),
        reached: Some(ms(timed.ours) <= 50.0),
    })
}

/// A target that has no way back: how long until that is said.
fn silent_tail(ours: &Path) -> Result<Row, String> {
    let net = Net::row(&["a", "r", "s", "t", "u", "b"]).build()?;
    net.ip("b", "route del default")?;
    let took = alone(3, || net.at("a", Program::new(ours).words(TARGET)).run()).as_secs_f64();
    Ok(Row {
        what: "a target that answers nothing".into(),
        ours: format!("{took:.2} s"),
        peer: String::new(),
        ratio: String::new(),
        bar: "≤ 2.1 s".into(),
        reached: Some(took <= 2.1),
    })
}

/// How often the hops are right where errors are limited.
fn repeated(ours: &Path) -> Result<Row, String> {
    let right = |program: &Program, repeats: usize| -> Result<usize, String> {
        let net = Net::row(&["a", "r", "s", "t", "u", "b"]).rate_limited().build()?;
        let mut right = 0;
        for _ in 0..repeats {
            let ended = net.at("a", program.clone().words(TARGET)).run()?;
            let hops: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with(' ')).collect();
            right += usize::from(hops.len() == 5 && hops.iter().all(|hop| hop.contains("10.77.")));
        }
        Ok(right)
    };
    let ours = right(&Program::new(ours).words("-q 1"), REPEATS)?;
    let theirs = right(&Program::new("traceroute").words("-n -q1"), PEER_REPEATS)?;
    Ok(Row {
        what: "right hops with Linux' limit, -q 1".into(),
        ours: format!("{ours} of {REPEATS}"),
        peer: format!("traceroute -n -q1 {theirs} of {PEER_REPEATS}"),
        ratio: String::new(),
        bar: format!("{REPEATS} of {REPEATS}"),
        reached: Some(ours == REPEATS),
    })
}
