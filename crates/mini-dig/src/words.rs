//! The words of the command line that do not begin with a dash, in dig's manner: `@SERVER`, `NAME`, `TYPE`, `+flag`.

use crate::query::{Subnet, Wanted};
use cli::{Failure, escape, nearest};
use std::net::IpAddr;
use std::time::Duration;
use wire::dns::{Name, Type};

/// The flags that there are, for who mistypes one.
const FLAGS: &[&str] = &[
    "trace", "short", "tcp", "rec", "ignore", "timeout", "tries", "exit", "edns", "bufsize", "dnssec", "nsid",
    "cookie", "subnet", "0x20", "cache",
];

/// No type above this has a name.
const LAST_NAMED: u16 = 257;
/// The longest time from a question to the one that follows it with `+cache`, seconds: a year.
const MOST_PAUSE: u32 = 31_536_000;

/// Takes the words into `wanted`.
///
/// A word is a type where it is the name of one and another word is there to be the name; the only word is a name.
///
/// # Errors
/// A flag that there is not, or whose value is none; a word too many; a name that breaks a rule.
pub(crate) fn take(words: &[String], wanted: &mut Wanted) -> Result<(), Failure> {
    let mut plain: Vec<&str> = vec![];
    for word in words {
        match word.split_at_checked(1) {
            Some(("@", server)) if !server.is_empty() => wanted.server = Some(server.to_string()),
            Some(("@", _)) => {
                return Err(Failure::said("no server stands behind the @").hint("write @com or @198.51.100.3"));
            }
            Some(("+", flag)) => take_flag(flag, wanted)?,
            _ => plain.push(word),
        }
    }
    let has_name = wanted.question.qname != Name::root() || wanted.named;
    let (name, rrtype) = match plain[..] {
        [] => (None, None),
        [only] if !has_name => (Some(only), None),
        [only] => (None, Some(only)),
        [first, second] if !has_name => match (first.parse::<Type>(), second.parse::<Type>()) {
            (Ok(_), Err(_)) => (Some(second), Some(first)),
            _ => (Some(first), Some(second)),
        },
        [_, extra, ..] if has_name => return Err(one_question(extra)),
        [_, _, extra, ..] => return Err(one_question(extra)),
        [..] => (None, None),
    };
    if let Some(rrtype) = rrtype {
        wanted.question.qtype = rrtype.parse().map_err(|error: wire::dns::UnknownWord| {
            let hint = match nearest_type(rrtype) {
                Some(near) => format!("did you mean '{near}'?"),
                None => "one name is asked for: [@SERVER] NAME [TYPE] [+FLAG]...".into(),
            };
            Failure::said(error.to_string()).hint(hint)
        })?;
    }
    if let Some(text) = name {
        wanted.question.qname = name_of(text)?;
        wanted.named = true;
    }
    if !wanted.named {
        // As dig: who asks for nothing asks who serves the root.
        wanted.question.qtype = if rrtype.is_none() { Type::NS } else { wanted.question.qtype };
    }
    Ok(())
}

/// The type that has a name and that `word` is most likely a slip of.
pub(crate) fn nearest_type(word: &str) -> Option<String> {
    let names: Vec<String> = (1..=LAST_NAMED).map(|number| Type(number).to_string()).collect();
    nearest(word, names.iter().map(String::as_str).filter(|name| !name.starts_with("TYPE")))
}

fn one_question(extra: &str) -> Failure {
    Failure::said(format!("'{}' is one word too many", escape(extra)))
        .hint("one name is asked for: [@SERVER] NAME [TYPE] [+FLAG]...")
}

/// The name in `text`.
pub(crate) fn name_of(text: &str) -> Result<Name, Failure> {
    text.parse().map_err(|error: wire::dns::NameError| Failure::said(format!("'{}' is no name: {error}", escape(text))))
}

/// `short`, `norec`, `bufsize=512`.
fn take_flag(flag: &str, wanted: &mut Wanted) -> Result<(), Failure> {
    let (word, value) = match flag.split_once('=') {
        Some((word, value)) => (word, Some(value)),
        None => (flag, None),
    };
    let (word, on) = match word.strip_prefix("no") {
        Some(rest) if word != "nsid" => (rest, false),
        _ => (word, true),
    };
    let needs = |what: &str, example: &str| {
        let value = value.unwrap_or_default();
        let said = if value.is_empty() {
            format!("+{word} needs a value: {what}")
        } else {
            format!("+{word} takes {what}, and '{}' is not that", escape(value))
        };
        Failure::said(said).hint(format!("write it as in +{word}={example}"))
    };
    let is_plain = !matches!(word, "timeout" | "time" | "tries" | "bufsize" | "subnet" | "cookie" | "cache");
    if is_plain && value.is_some() {
        return Err(
            Failure::said(format!("+{} takes no value", escape(word))).hint(format!("write +{} alone", escape(word)))
        );
    }
    match word {
        "trace" => wanted.trace = on,
        "short" => wanted.short = on,
        "tcp" | "vc" => wanted.options.tcp = on,
        "rec" | "recurse" => wanted.recursion = on,
        "ignore" => wanted.options.takes_truncated = on,
        "exit" => wanted.exits = on,
        "0x20" => wanted.options.random_case = on,
        "cache" if !on => wanted.cache = None,
        "cache" => {
            let pause = value.map_or(Some(Duration::ZERO), |value| cli::seconds(0, MOST_PAUSE)(value).ok());
            wanted.cache = Some(pause.ok_or_else(|| needs("seconds up to a year", "30"))?);
        }
        "edns" => wanted.edns = on,
        "dnssec" | "do" => wanted.dnssec = on,
        "nsid" => wanted.nsid = on,
        "cookie" if value.is_some() => {
            wanted.given_cookie = Some(
                value
                    .and_then(cookie)
                    .ok_or_else(|| needs("eight bytes in hexadecimal (RFC 7873 section 4)", "0102030405060708"))?,
            );
            wanted.cookie = on;
        }
        "cookie" => wanted.cookie = on,
        "subnet" if !on => wanted.subnet = None,
        "subnet" => {
            let part = value.and_then(subnet);
            wanted.subnet = Some(part.ok_or_else(|| needs("an address and its bits that are told", "192.0.2.0/24"))?);
        }
        "bufsize" if !on => wanted.payload = 0,
        "bufsize" => wanted.payload = value.and_then(number).ok_or_else(|| needs("bytes up to 65535", "1232"))?,
        "timeout" | "time" => {
            let seconds = value
                .and_then(|value| value.parse::<f64>().ok())
                .filter(|seconds| (0.001..=86_400.0).contains(seconds));
            wanted.options.timeout =
                Duration::from_secs_f64(seconds.ok_or_else(|| needs("seconds from 0.001 to 86400", "5"))?);
        }
        "tries" => {
            let tries = value.and_then(number).filter(|tries| *tries > 0);
            wanted.options.tries = tries.ok_or_else(|| needs("a number from 1 to 65535", "3"))?.into();
        }
        other => {
            let hint = match nearest(other, FLAGS.iter().copied()) {
                Some(near) => format!("did you mean '+{near}'? --help shows all"),
                None => "--help shows all flags".into(),
            };
            return Err(Failure::said(format!("unknown flag '+{}'", escape(flag))).hint(hint));
        }
    }
    Ok(())
}

fn number(text: &str) -> Option<u16> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Eight bytes in hexadecimal.
fn cookie(text: &str) -> Option<[u8; 8]> {
    let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, 16).ok().filter(|_| is_hex).map(u64::to_be_bytes)
}

/// `192.0.2.0/24`; without bits all of the address.
fn subnet(text: &str) -> Option<Subnet> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(number(bits)?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = u8::try_from(bits.unwrap_or(most)).ok()?;
    (u16::from(bits) <= most).then_some(Subnet { address, bits })
}
