//! A sweep of a /24 on a real kernel, beside arp-scan, in network namespaces that are made for this and go with it.

use crate::pair::batches;
use crate::table::{Group, Row, range};
use crate::tools::beside;
use needs::{Net, Program};
use std::cell::RefCell;

/// Sweeps of a /24.
pub(crate) const SWEEP: Group = Group {
    name: "sweep",
    title: "sweep: everybody in a /24",
    about: "`arping -q 10.77.1.0/24` and `arp-scan` as root, from one network namespace to the next over a veth, where one\n\
            station has all addresses but ours, or every second one; in turn, 11 pairs with arp-scan at its quickest, one round\n\
            (`-r 1 -t 100 -B 100M`), 5 with its defaults, two rounds. The time is of the whole process: less is better. Both must\n\
            have found all that is there. arping asks those that stay silent once more, and awaits them all for half a second.",
    rows,
};

const QUICK: &str = "-r 1 -t 100 -B 100M";
const QUICK_PAIRS: usize = 11;
const DEFAULT_PAIRS: usize = 5;

fn rows() -> Result<Vec<Row>, String> {
    let mut rows = vec![];
    for (what, step, bar_ms) in [("all answer", 1, 250.0), ("half are silent", 2, 1000.0)] {
        let net = Net::row(&["a", "b"]).build()?;
        let hosts = (2..=254).step_by(step);
        net.add_hosts("b", "net1", 1, hosts.clone().filter(|host| *host != 2))?;
        let found = hosts.count();
        for (options, pairs) in [(QUICK, QUICK_PAIRS), ("", DEFAULT_PAIRS)] {
            rows.push(row(&net, what, found, options, pairs, bar_ms)?);
        }
    }
    Ok(rows)
}

fn row(net: &Net, what: &str, found: usize, options: &str, pairs: usize, bar_ms: f64) -> Result<Row, String> {
    let arping = beside("arping")?;
    let failed = RefCell::new(None);
    let run = |program: Program, sign: String| match net.at("a", program).run() {
        Ok(ended) if ended.stdout.contains(&sign) => {}
        Ok(ended) => *failed.borrow_mut() = Some(ended.to_string()),
        Err(error) => *failed.borrow_mut() = Some(error),
    };
    let ours = || run(Program::new(&arping).words("-q 10.77.1.0/24"), format!(" {found} answered "));
    let arp_scan = || Program::new("arp-scan").words("-q -I net1").words(options).words("10.77.1.0/24");
    let theirs = || run(arp_scan(), format!(" {found} responded"));
    let pair = batches(pairs, 1, ours, theirs);
    if let Some(failed) = failed.into_inner() {
        return Err(failed);
    }
    let ms = |nanoseconds: f64| nanoseconds / 1e6;
    let took = ms(pair.ours);
    let defaults = if options.is_empty() { ", defaults" } else { "" };
    Ok(Row {
        what: what.into(),
        ours: format!("{took:.0} ms"),
        peer: format!("arp-scan{defaults} {:.0} ms", ms(pair.theirs)),
        ratio: range(pair.ratio),
        bar: format!("≤ {bar_ms:.0} ms"),
        reached: Some(took <= bar_ms),
    })
}
