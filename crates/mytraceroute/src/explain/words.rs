//! What this tool knows of its packets beyond what stands in them.

use crate::answer::{Answer, Says};
use crate::flags::{Call, Question};
use crate::probe::Method;
use crate::sockets::{Part, Probe};
use crate::trace::Flows;
use cli::explain::{Remark, Told};
use wire::dissect::{Protocol, Verdict};

/// The headline of a probe.
pub(super) fn title(call: &Call, probe: &Probe) -> String {
    let (target, Probe { number, ttl, flow, .. }) = (call.plan.target, probe);
    let what = match call.sending.shape.method {
        Method::Udp => format!("UDP to {target} port {}", flow.destination_port),
        Method::Icmp => format!("echo request to {target}"),
        Method::Tcp => format!("SYN to {target} port {}", flow.destination_port),
    };
    format!("probe {number}: {what}, TTL {ttl}")
}

/// The headers that the host fills in.
pub(super) fn host_owned(call: &Call, probe: &Probe) -> Vec<(Protocol, String)> {
    let (shape, flow, ttl) = (call.sending.shape, probe.flow, probe.ttl);
    let ip = format!(
        "20 bytes, from {} to {}, time to live {ttl}: this host fills them in, and this program never sees them",
        shape.source, shape.target
    );
    let udp = format!(
        "8 bytes, from port {} to port {}: the host's work too, so that each probe needs a port of its own",
        flow.source_port, flow.destination_port
    );
    match probe.part {
        Part::Packet => vec![],
        Part::Icmp => vec![(Protocol::Ipv4, ip)],
        Part::Data => vec![(Protocol::Ipv4, ip), (Protocol::Udp, udp)],
    }
}

/// Of a field of probe `number`.
pub(super) fn of_probe(told: Told<'_, '_>, call: &Call, number: u16) -> Option<String> {
    let (field, changed) = (told.field, told.before.is_some());
    let (value, shown, len) = (field.number(), field.shown(), field.bytes().len());
    let is_right = field.layer().checksum() == Verdict::Right;
    let one_flow = !matches!(call.question, Question::Ways | Question::Way(Flows::Classic));
    Some(match (field.layer().protocol(), field.name(), call.sending.shape.method) {
        (Protocol::Ipv4, "ttl", _) if number == 1 && value == u64::from(call.plan.last) && call.plan.quoted => {
            format!("time to live {value}: all that -m allows, to get there; what is left on arrival tells how far it is")
        }
        (Protocol::Ipv4, "ttl", _) => {
            format!("time to live {value}: router {value} on the way is to drop it, and to say so")
        }
        (Protocol::Ipv4, "identification", _) => format!("identification {shown}: the probe's number"),
        (Protocol::Ipv4, "source", _) => format!("from {shown}, you"),
        (Protocol::Udp, "checksum", _) if is_right => format!("checksum {shown}, correct: it is the probe's number as well"),
        (Protocol::Icmp, "checksum", _) if is_right => {
            format!("checksum {shown}, correct: the same in all probes, for a router may choose the way by it")
        }
        (Protocol::Icmp, "identifier", _) => format!("identifier {value}: this mytraceroute"),
        (Protocol::Icmp, "sequence", _) => format!("sequence {value}: the probe's number"),
        (Protocol::Tcp, "sequence_number", _) => {
            format!("sequence number {value}: its upper half is the probe's number, {}", value >> 16)
        }
        (Protocol::Udp | Protocol::Tcp, "source_port", _) if one_flow => {
            format!("from port {value}: the same in all probes")
        }
        (Protocol::Data, "data", Method::Udp | Method::Icmp) if changed => "two bytes that balance the checksum".into(),
        (Protocol::Data, "data", Method::Udp) => {
            format!("{len} bytes of data: the first two make the number come out as the checksum")
        }
        (Protocol::Data, "data", Method::Icmp) => {
            format!("{len} bytes of data: the first two keep the checksum the same in all probes")
        }
        _ => return None,
    })
}

/// Of a field of an answer.
pub(super) fn of_answer(told: Told<'_, '_>) -> Option<String> {
    let (field, layer) = (told.field, told.field.layer());
    let (value, shown) = (field.number(), field.shown());
    Some(match (layer.protocol(), field.name(), told.before) {
        (Protocol::Ipv4, "ttl", Some(before)) if layer.is_quoted() => {
            format!("time to live {value}: it left with {}", before.number())
        }
        (Protocol::Ipv4, "destination", _) if !layer.is_quoted() => format!("to {shown}, you"),
        (Protocol::Tcp, "acknowledgment_number", _) if !layer.is_quoted() => format!(
            "acknowledgment number {value}: the SYN's sequence number and one, whose upper half, {}, is the probe's number",
            value.wrapping_sub(1) >> 16
        ),
        _ => return None,
    })
}

/// What the time to live in a quote tells. `sent`: with what the probe left.
pub(super) fn facts(answer: &Answer, sent: u8) -> Vec<Remark> {
    let Some(quoted) = answer.quoted_ttl else { return vec![] };
    let fact = match (answer.says, quoted) {
        (Says::TimeExceeded, 1) => {
            "it got there with a time to live of 1: this router takes one, nothing is left, and it must drop it".into()
        }
        (Says::TimeExceeded, 0) => {
            "it is quoted with a time to live of 0: this router took the last one before it quoted".into()
        }
        (Says::TimeExceeded, _) => {
            return vec![Remark::Wrong(format!("it is quoted with a time to live of {quoted}, which is not used up"))];
        }
        _ => match sent.checked_sub(quoted) {
            Some(0) => format!("it got there with a time to live of {quoted}, as it left: no router had it before"),
            Some(1) => format!("it got there with a time to live of {quoted} of {sent}: 1 router had it before"),
            Some(routers) => {
                format!("it got there with a time to live of {quoted} of {sent}: {routers} routers had it before")
            }
            None => return vec![Remark::Wrong(format!("it is quoted with a time to live of {quoted}, and left with {sent}"))],
        },
    };
    vec![Remark::Fact(fact)]
}
