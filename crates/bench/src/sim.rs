//! The simulated network: events a second, and long runs.

use crate::pair::alone;
use crate::table::{Group, Row};
use host::{Host, Time};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// Pings through four routers.
pub(crate) const SIM: Group = Group {
    name: "sim",
    title: "sim: pings through four routers",
    about: "10,000 echoes of 56 bytes, a second of virtual time apart, from `client` to `server` on `routers`: a program on the\n\
            driver, five cables, ARP confirmed as it ages, all checksums made and verified. An event is a frame that arrives at a\n\
            node, or a node that is woken. There is no peer: the bars are of the machine's own time, median of 9 runs.",
    rows,
};

const PINGS: u64 = 10_000;

fn rows() -> Result<Vec<Row>, String> {
    let events = ping()?;
    let took = alone(9, ping);
    #[expect(clippy::cast_precision_loss, reason = "a hundred thousand events")]
    let rate = events as f64 / took.as_secs_f64();
    let row = |what: &str, ours: String, bar: &str, reached: bool| Row {
        what: what.into(),
        ours,
        peer: String::new(),
        ratio: String::new(),
        bar: bar.into(),
        reached: Some(reached),
    };
    Ok(vec![
        row("link events", format!("{:.1} M/s", rate / 1e6), "≥ 1 M/s", rate >= 1e6),
        row(
            "10,000 pings",
            format!("{:.1} ms", took.as_secs_f64() * 1e3),
            "< 200 ms",
            took < Duration::from_millis(200),
        ),
    ])
}

/// Runs the pings; the answer is how many events that took.
fn ping() -> Result<u64, String> {
    let net = sim::Net::load("routers").map_err(|error| error.to_string())?;
    let world = Rc::new(RefCell::new(sim::World::new(&net, 1)));
    let mut client = sim::guest(&world, "client").ok_or("there is no client in routers")?;
    echoes(&mut client).map_err(|error| error.to_string())?;
    let events = world.borrow().events();
    Ok(events)
}

fn echoes(client: &mut dyn Host) -> host::Result<()> {
    let server = client.resolve("server")?.first().map(|address| (*address, 0).into());
    let mut socket = client.open_ping(&[])?;
    for number in 0..PINGS {
        let [.., high, low] = number.to_be_bytes();
        let request = wire::icmp::echo_request(0, u16::from_be_bytes([high, low]), &[0; 56]);
        socket.send(server, &request)?;
        let reply = socket.recv(client.now() + Duration::from_secs(1))?;
        // A lost reply would make the run shorter than it is said to be.
        reply.ok_or(host::Error::TimedOut)?;
        client.sleep(Time::START + Duration::from_secs(number + 1))?;
    }
    Ok(())
}
