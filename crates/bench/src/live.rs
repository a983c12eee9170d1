//! The tools on a real kernel, in network namespaces that are made for this and go with it.

use crate::pair::batches;
use crate::table::{Group, Row, range};
use crate::tools::beside;
use needs::{Net, Program};

/// Floods over one veth.
pub(crate) const LIVE: Group = Group {
    name: "live",
    title: "live: a flood over one link",
    about: "`myping -q -f -c 20000` and `ping -q -f -c 20000` (iputils) as root, from one network namespace to the next over a\n\
            veth, in turn; 31 pairs. The time is of the whole process, the ratio is of speeds: more is better. Every answer must\n\
            have come. The kernel does more than nine tenths of the work of both.",
    rows,
};

const COUNT: u32 = 20_000;
const PAIRS: usize = 31;

fn rows() -> Result<Vec<Row>, String> {
    let myping = beside("myping")?;
    let net = Net::row(&["a", "b"]).build()?;
    let args = format!("-q -f -c {COUNT} 10.77.1.2");
    let mut failed = None;
    let mut flood = |program: &str| {
        let whole = format!("{COUNT} packets transmitted, {COUNT} received");
        match net.at("a", Program::new(program).words(&args)).run() {
            Ok(ended) if ended.stdout.contains(&whole) => {}
            Ok(ended) => failed = Some(ended.to_string()),
            Err(error) => failed = Some(error),
        }
    };
    let flood = std::cell::RefCell::new(&mut flood);
    let pair = batches(PAIRS, 1, || flood.borrow_mut()(&myping.to_string_lossy()), || flood.borrow_mut()("ping"));
    if let Some(failed) = failed {
        return Err(failed);
    }
    let rate = |nanoseconds: f64| format!("{:.0} k/s", f64::from(COUNT) / nanoseconds * 1e6);
    let speed = pair.ratio.inverse();
    Ok(vec![Row {
        what: "flood, 56 bytes".into(),
        ours: rate(pair.ours),
        peer: format!("ping {}", rate(pair.theirs)),
        ratio: range(speed),
        bar: "≥ 1 × speed".into(),
        reached: Some(speed.median >= 1.0),
    }])
}
