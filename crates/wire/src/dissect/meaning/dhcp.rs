//! Host configuration.

use super::{Field, counted};
use crate::dhcp::options::{ACK, DECLINE, DISCOVER, INFORM, NAK, OFFER, RELEASE, REQUEST};

pub(super) fn meaning(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    if field.within().is_some() {
        return inside(field);
    }
    Some(match field.name() {
        "op" if value == 1 => "op 1: from a client".into(),
        "op" if value == 2 => "op 2: from a server".into(),
        "htype" if value == 1 => "htype 1: addresses of Ethernet".into(),
        "hlen" => format!("hlen {value}: bytes of the client's hardware address"),
        "hops" => format!("hops {value}: relays that passed it on"),
        "xid" => format!("xid {shown}: the answer has the same"),
        "secs" => format!("secs {value}: how long the client has been trying"),
        "broadcast" if value == 1 => {
            "broadcast: the answer must go to all, for the client cannot take it otherwise yet".into()
        }
        "broadcast" => "the answer may go to the client alone".into(),
        "reserved" => format!("reserved {shown}: must be 0"),
        "ciaddr" if value == 0 => "ciaddr 0.0.0.0: the client has no address".into(),
        "ciaddr" => format!("ciaddr {shown}: the client has this address"),
        "yiaddr" if value == 0 => "yiaddr 0.0.0.0: no address is lent here".into(),
        "yiaddr" => format!("yiaddr {shown}: \"your address\""),
        "siaddr" if value == 0 => "siaddr 0.0.0.0: no server to start from".into(),
        "siaddr" => format!("siaddr {shown}: the server to start from"),
        "giaddr" if value == 0 => "giaddr 0.0.0.0: no relay".into(),
        "giaddr" => format!("giaddr {shown}: the relay"),
        "chaddr" => format!("chaddr {shown}: the client's hardware address"),
        "sname" | "file" if shown.is_empty() => format!("{}: nothing", field.name()),
        "sname" => format!("sname {shown}: the server's name"),
        "file" => format!("file {shown}: what to start from"),
        "magic_cookie" => format!("magic cookie {shown}: options follow"),
        "message_type" => {
            let kind = field.fields().nth(2).map_or(0, |kind| kind.number());
            format!("message type {shown}: {}", message_type(kind))
        }
        "requested_address" => format!("requested address {shown}: the client would like to have it"),
        "lease_time" => format!("lease time {shown}: seconds for which the address is lent"),
        "renewal_time" => format!("renewal time {shown}: after so many seconds, ask this server again"),
        "rebinding_time" => format!("rebinding time {shown}: after so many seconds, ask any server"),
        "server_identifier" => format!("server identifier {shown}: which server"),
        "parameter_request_list" => {
            format!(
                "parameter request list: the client asks for {}",
                counted(field.fields().count().saturating_sub(2), "option")
            )
        }
        "pad" => format!("{} of padding", counted(field.bytes().len(), "byte")),
        "end_of_options" => "end of options".into(),
        "option" => {
            let code = field.fields().next()?;
            format!("option {}: {}", code.shown(), counted(field.bytes().len(), "byte"))
        }
        _ if field.fields().next().is_some() => {
            format!("{} {}", super::Words(field.label()), if shown.is_empty() { "(empty)" } else { &shown })
        }
        _ => return None,
    })
}

/// Of a field within an option.
fn inside(field: &Field<'_>) -> Option<String> {
    let (value, shown) = (field.number(), field.shown());
    Some(match field.name() {
        "code" => match field.value_name() {
            Some(name) => format!("code {value}: {name}"),
            None => format!("code {value}: none that is known here"),
        },
        "length" => format!("length {value}: data of the option, in bytes"),
        "parameter" => match field.value_name() {
            Some(name) => format!("asks for {value}: {name}"),
            None => format!("asks for {value}"),
        },
        "address" => format!("address {shown}"),
        _ => return None,
    })
}

/// What each of the eight messages says.
fn message_type(kind: u64) -> &'static str {
    match u8::try_from(kind).unwrap_or_default() {
        DISCOVER => "is there a server?",
        OFFER => "I could lend you this address",
        REQUEST => "I want this address",
        DECLINE => "somebody else has this address already",
        ACK => "it is yours",
        NAK => "you cannot have it",
        RELEASE => "I do not need it any more",
        INFORM => "I have an address, what else should I know?",
        _ => "none that is known here",
    }
}
