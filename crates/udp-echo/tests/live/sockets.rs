//! Whose a datagram is: what sockets are bound to, and who may have them.

use crate::judges::{FLOWS, THREE_SOCKETS};
use crate::{exits, has, interrupt, ours, python, row, serve, steady};
use needs::transcript::equal;
use needs::{Ended, Failed, Net, Program, PublicCopy, Running};

/// Three datagrams to those sockets: from the peer, from another port, and over the loopback.
fn knock(net: &Net) -> Result<(), Failed> {
    for (node, args) in
        [("a", "--sport 5000 10.77.2.2:53"), ("a", "--sport 5001 10.77.2.2:53"), ("b", "--sport 5000 127.0.0.1:53")]
    {
        exits(&net.at(node, ours(&format!("send -c 1 {args}"))).run()?, 0)?;
    }
    Ok(())
}

pub(crate) fn demultiplexing() -> Result<(), Failed> {
    let net = row().build()?;
    let server = serve(&net, "b", "--port 53 --bind 0.0.0.0 --bind 10.77.2.2 --peer 10.77.1.1:5000")?;
    knock(&net)?;
    let served = interrupt(server)?;
    equal(
        &steady(&served.stdout).into_iter().skip(1).take(7).collect::<Vec<_>>(),
        &[
            "socket  local address  port  peer            program",
            "1       any            53    anybody         -",
            "2       10.77.2.2      53    anybody         -",
            "3       any            53    10.77.1.1:5000  -",
            "56 bytes from 10.77.1.1:5000 ttl=63 to port 53: socket 3, connected to 10.77.1.1:5000",
            "56 bytes from 10.77.1.1:5001 ttl=63 to 10.77.2.2 port 53: socket 2, bound to 10.77.2.2",
            "56 bytes from 127.0.0.1:5000 ttl=64 to port 53: socket 1, which is for all others",
        ],
    )?;
    let mut judge = net.at("b", python(THREE_SOCKETS)).start()?;
    judge.wait_for("open")?;
    knock(&net)?;
    equal(&[judge.end()?.stdout], &["open\nsocket 3\nsocket 2\nsocket 1\n"])
}

pub(crate) fn strangers() -> Result<(), Failed> {
    let net = row().build()?;
    net.ip("r", "route add blackhole 10.88.3.0/24")?;
    let waiting = |connect: &str| -> Result<Running, String> {
        let mut waiting = net.at("a", ours(&format!("send -c 1 -W 60 --sport 5000 {connect} 10.88.3.1:9"))).start()?;
        waiting.wait_for("UDP ECHO")?;
        Ok(waiting)
    };
    let stranger = || net.at("b", ours("send -c 1 -W 0.5 --sport 7000 10.77.1.1:5000")).run();
    let refused = "From 10.77.1.1 seq=1 Port unreachable";

    let unconnected = waiting("")?;
    has(&stranger()?.stdout, "1 datagrams transmitted, 0 received, 100% loss")?;
    has(&interrupt(unconnected)?.stderr, "a datagram of 56 bytes came from 10.77.2.2:7000, who was not asked")?;

    let connected = waiting("--connect")?;
    has(&stranger()?.stdout, refused)?;
    let heard = interrupt(connected)?.stderr;
    if heard.contains("10.77.2.2") { Err(heard.into()) } else { Ok(()) }
}

pub(crate) fn taken() -> Result<(), Failed> {
    let net = row().build()?;
    let _server = serve(&net, "b", "--port 53")?;
    let second = net.at("b", ours("serve --port 53 -w 1")).run()?;
    equal(
        &[&*second.stderr],
        &[
            "error: port 53 of this host is in use already\nhint: `ss -lunp 'sport = :53'` names the program that has it; take another \
           one with --port, or share it (--reuseport at both)\n",
        ],
    )?;
    exits(&second, 2)?;
    let third = net.at("b", ours("serve --port 53 -w 1 --reuseport 1")).run()?;
    has(&third.stderr, "; sharing it takes --reuseport at both, by one user\n")?;
    exits(&third, 2)
}

/// How many senders each socket had, by the table at the end.
fn senders(ended: &Ended) -> Vec<u32> {
    let table = ended.stdout.lines().skip_while(|line| !line.ends_with("share of senders")).skip(1);
    table.map_while(|line| line.split_whitespace().nth(5).filter(|_| line.ends_with('%'))?.parse().ok()).collect()
}

/// The kernel chooses by the sender, so all datagrams of one come to one socket: three rounds do not change the table.
pub(crate) fn four_sockets() -> Result<(), Failed> {
    let net = row().build()?;
    let server = serve(&net, "b", "-q --port 53 --reuseport 4")?;
    net.at("b", python(FLOWS)).succeed()?;
    let ended = interrupt(server)?;
    let sockets = senders(&ended);
    if sockets.len() != 4 || sockets.iter().sum::<u32>() != 2000 || !sockets.iter().all(|one| (360..=640).contains(one))
    {
        return Err(format!("{sockets:?}\n{ended}").into());
    }
    has(&ended.stdout, "\n6000 datagrams received, 6000 echoed, ")
}

pub(crate) fn reach() -> Result<(), Failed> {
    let net = row().build()?;
    for (bind, from_itself, from_a) in [("127.0.0.1", 0, 1), ("10.77.2.2", 1, 0), ("0.0.0.0", 0, 0)] {
        let server = serve(&net, "b", &format!("--port 53 --bind {bind}"))?;
        for (node, to, code) in [("b", "127.0.0.1", from_itself), ("a", "10.77.2.2", from_a)] {
            exits(&net.at(node, ours(&format!("send -c 1 {to}:53"))).run()?, code)?;
        }
        interrupt(server)?;
    }
    // The sender has its own choice of address, and the answer comes to it.
    net.ip("a", "addr add 10.77.1.7/24 dev net1")?;
    let server = serve(&net, "b", "--port 53")?;
    exits(&net.at("a", ours("send -c 1 --bind 10.77.1.7 --sport 5555 10.77.2.2:53")).run()?, 0)?;
    has(&interrupt(server)?.stdout, " from 10.77.1.7:5555 ttl=63 ")
}

pub(crate) fn told() -> Result<(), Failed> {
    let net = row().build()?;
    let _server = serve(&net, "b", "--port 53 --sndbuf 10000 --rcvbuf 20000")?;
    let shown = net.at("b", Program::new("ss").words("-uanm")).succeed()?;
    // Linux takes twice as much.
    has(&shown, ",rb40000,")?;
    has(&shown, ",tb20000,")
}

pub(crate) fn reuse_address() -> Result<(), Failed> {
    let net = row().build()?;
    let first = serve(&net, "b", "--port 53 --reuseaddr")?;
    let second = serve(&net, "b", "--port 53 --reuseaddr")?;
    exits(&net.at("a", ours("send -c 3 -i 0.01 10.77.2.2:53")).run()?, 0)?;
    has(&interrupt(first)?.stdout, "\n0 datagrams received, ")?;
    has(&interrupt(second)?.stdout, "\n3 datagrams received, 3 echoed, ")
}

pub(crate) fn low_port(public: &PublicCopy) -> Result<(), Failed> {
    let ended = row().build()?.at("a", Program::new(public.path()).words("serve -w 1").as_nobody()).run()?;
    has(&ended.stderr, "error: cannot ")?;
    has(&ended.stderr, "CAP_NET_BIND_SERVICE")?;
    exits(&ended, 2)
}
