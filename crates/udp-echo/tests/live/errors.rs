//! What comes instead of an echo: errors of others and of the own kernel, and nothing.

use crate::judges::TWO_SENDS;
use crate::{exits, has, ours, row, serve};
use needs::transcript::equal;
use needs::{Failed, Net, Program};

/// What Python's sockets are told of a target: connected, and unconnected; what the first send, the second, and a
/// receive say.
fn two_sends(net: &Net, address: &str, port: &str) -> Result<String, String> {
    net.at("a", Program::new("python3").args(["-c", TWO_SENDS, address, port, "0.3"])).succeed()
}

pub(crate) fn refused() -> Result<(), Failed> {
    let net = row().build()?;
    let lines = |args: &str| -> Result<Vec<String>, Failed> {
        let ended = net.at("a", ours(args)).run()?;
        exits(&ended, 1)?;
        Ok(ended.stdout.lines().skip(1).take(2).map(String::from).collect())
    };
    let plain = |seq| format!("From 10.77.2.2 seq={seq} Port unreachable");
    equal(&lines("send -c 2 -i 0.1 10.77.2.2:9")?, &[plain(1), plain(2)])?;
    let connected = |seq| plain(seq) + ", ECONNREFUSED";
    equal(&lines("send -c 2 -i 0.1 --connect 10.77.2.2:9")?, &[connected(1), connected(2)])?;
    // It is the second send that fails, which is told of the first, and then does not send: so nothing is left to
    // receive.
    equal(&[two_sends(&net, "10.77.2.2", "9")?], &["fine ECONNREFUSED nothing\nfine fine nothing\n"])
}

pub(crate) fn errno_of_errors() -> Result<(), Failed> {
    // Namespaces of their own: how soon Linux tells of such a route again depends on what else it told the same host.
    let net = || -> Result<Net, String> {
        let net = row().build()?;
        net.ip("r", "route add prohibit 10.88.1.0/24")?;
        net.ip("r", "route add unreachable 10.88.2.0/24")?;
        Ok(net)
    };
    for (address, line, connected) in [
        ("10.88.1.1", "From 10.77.1.2 seq=1 Forbidden, EHOSTUNREACH", "fine EHOSTUNREACH nothing"),
        ("10.88.2.1", "From 10.77.1.2 seq=1 Host unreachable", "fine fine nothing"),
        ("10.88.3.1", "From 10.77.1.2 seq=1 Network unreachable", "fine fine nothing"),
    ] {
        let ended = net()?.at("a", ours(&format!("send -c 1 --connect {address}:9"))).run()?;
        equal(&[ended.stdout.lines().nth(1).unwrap_or_default()], &[line])?;
        equal(&[two_sends(&net()?, address, "9")?], &[format!("{connected}\nfine fine nothing\n")])?;
    }
    Ok(())
}

/// Of the first datagram the router says what its next link takes; of the second our own kernel, which has learnt it.
pub(crate) fn narrow() -> Result<(), Failed> {
    let net = row().mtu(2, 1400).build()?;
    let _server = serve(&net, "b", "--port 53")?;
    let told = net.at("a", ours("send -c 2 -i 0.1 --df -s 1472 10.77.2.2:53")).run()?;
    equal(
        &told.stdout.lines().skip(1).take(2).collect::<Vec<_>>(),
        &[
            "From 10.77.1.2 seq=1 Too long and not to be cut, mtu=1400",
            "udp-echo: local error: seq=2 message too long: 1472 bytes of data, and 1372 is the most",
        ],
    )?;
    exits(&told, 1)?;
    exits(&net.at("a", ours("send -c 1 --df -s 1372 10.77.2.2:53")).run()?, 0)?;
    exits(&net.at("a", ours("send -c 1 -s 1472 10.77.2.2:53")).run()?, 0)
}

pub(crate) fn nobody_there() -> Result<(), Failed> {
    let net = row().build()?;
    let told = net.at("a", ours("send -c 1 10.77.1.9:53")).run()?;
    equal(&[told.stdout.lines().nth(1).unwrap_or_default()], &["From 10.77.1.1 seq=1 Host unreachable"])?;
    has(&told.stderr, "this host itself asked by ARP who has 10.77.1.9, and nobody answered")?;
    exits(&told, 1)
}

pub(crate) fn silence() -> Result<(), Failed> {
    let net = row().build()?;
    net.ip("r", "route add blackhole 10.88.3.0/24")?;
    let told = net.at("a", ours("send -c 1 -W 0.3 10.88.3.1:53")).run()?;
    has(&told.stdout, "1 datagrams transmitted, 0 received, 100% loss")?;
    has(&told.stderr, "nobody answered and nobody said why")?;
    exits(&told, 1)
}
