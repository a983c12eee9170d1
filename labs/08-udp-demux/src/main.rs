//! Handed out: nothing to write here. Your file is `udp_demux.rs`.
//!
//! `cargo lab check 08` asks your functions, by `answer`. `cargo lab run 08 -- 10.0.0.7:5000 10.0.0.1:53 0.0.0.0:53 …` sends a
//! datagram from the first address to the second, and says which of the sockets behind it gets the datagram.
#![forbid(unsafe_code)]

mod sum;
#[allow(unused, reason = "what is not written yet uses nothing")]
mod udp_demux;

use host::Host;
use host::lab::{Lab, LabError, Question, Value};
use std::net::SocketAddrV4;
use std::process::ExitCode;
use udp_demux::{Socket, Step};

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "parse" => {
            let datagram = udp_demux::parse(ask.bytes(0)?)?;
            Value::record(
                "datagram",
                [
                    ("src_port", datagram.src_port.into()),
                    ("dst_port", datagram.dst_port.into()),
                    ("payload", datagram.payload.into()),
                ],
            )
        }
        "pseudo_header" => {
            udp_demux::pseudo_header(ask.address(0)?, ask.address(1)?, ask.number(2)?)?.as_slice().into()
        }
        "emit" => udp_demux::emit(end(ask, 0)?, end(ask, 1)?, ask.bytes(2)?)?.into(),
        "intact" => udp_demux::intact(ask.address(0)?, ask.address(1)?, ask.bytes(2)?)?.into(),
        "find" => udp_demux::find(&sockets(ask, 0)?, end(ask, 1)?, end(ask, 2)?)?.into(),
        "may_bind" => {
            let reuse = matches!(ask.arguments.get(2), Some(Value::Flag(true)));
            udp_demux::may_bind(&sockets(ask, 0)?, end(ask, 1)?, reuse)?.into()
        }
        "receive" => shown(udp_demux::receive(&sockets(ask, 0)?, ask.address(1)?, ask.address(2)?, ask.bytes(3)?)?),
        _ => return Err(LabError::NotYet),
    })
}

fn shown(step: Step<'_>) -> Value {
    match step {
        Step::Deliver { socket, from, payload } => Value::record(
            "Deliver",
            [("socket", socket.into()), ("from", from.to_string().as_str().into()), ("payload", payload.into())],
        ),
        Step::Error { kind, code } => Value::record("Error", [("kind", kind.into()), ("code", code.into())]),
        Step::Drop => Value::record("Drop", []),
    }
}

/// An address and a port, which are asked as text.
fn end(ask: &Question, at: usize) -> Lab<SocketAddrV4> {
    ask.arguments.get(at).and_then(end_of).ok_or_else(|| odd(&ask.function))
}

fn end_of(value: &Value) -> Option<SocketAddrV4> {
    match value {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn sockets(ask: &Question, at: usize) -> Lab<Vec<Socket>> {
    ask.list(at)?.iter().map(|value| socket(value).ok_or_else(|| odd(&ask.function))).collect()
}

fn socket(value: &Value) -> Option<Socket> {
    let Value::Record(_, fields) = value else { return None };
    let [(_, local), (_, peer), (_, reuse)] = fields.as_slice() else { return None };
    Some(Socket { local: end_of(local)?, peer: end_of(peer), reuse: *reuse == Value::Flag(true) })
}

fn odd(what: &str) -> LabError {
    host::Error::Other(format!("{what}: a socket or an address is not what it should be")).into()
}

/// Sends a datagram to sockets of the command line: who from, where to, then `LOCAL` or `LOCAL=PEER` for each socket.
fn run(_: &mut dyn Host, words: &[String]) -> Lab<()> {
    let said = |what: String| LabError::from(host::Error::Other(what));
    let parse = |word: &str| word.parse::<SocketAddrV4>().map_err(|_| said(format!("'{word}' is no ADDRESS:PORT")));
    let [from, to, rest @ ..] = words else { return Err(said("say FROM and TO, each as ADDRESS:PORT".into())) };
    let (from, to) = (parse(from)?, parse(to)?);
    let mut sockets = vec![];
    for word in rest {
        let (local, peer) = word.split_once('=').map_or((word.as_str(), None), |(local, peer)| (local, Some(peer)));
        sockets.push(Socket { local: parse(local)?, peer: peer.map(parse).transpose()?, reuse: true });
    }
    let datagram = udp_demux::emit(from, to, b"hello")?;
    println!("checksum  {:02x}{:02x}", datagram[6], datagram[7]);
    match udp_demux::receive(&sockets, *from.ip(), *to.ip(), &datagram)? {
        Step::Deliver { socket, .. } => println!("socket    {socket}: {}", rest[socket]),
        Step::Error { kind, code } => println!("nobody    ICMP type {kind}, code {code}"),
        Step::Drop => println!("nobody    and no answer"),
    }
    Ok(())
}
