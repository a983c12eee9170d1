//! What an answer comes to, and whom to ask then.

use super::{A, AAAA, CNAME, OPT, TXT, asked, drawn, label, malformed, respelled, under};
use crate::check::ask::Ask;
use crate::subjects::draw::Draw;
use host::lab::Value;
use std::net::Ipv4Addr;

const CASE: &str =
    "RFC 1034 section 3.1: a name is within a zone by its last labels, whole ones, compared without regard to case";
const MATCHES: &str =
    "RFC 1034 section 4.3.2, step 3a: what answers is a record of the name that was asked for, and of the type";
const ALIAS: &str =
    "RFC 1034 section 3.6.2: go on with the name that the CNAME record says, unless CNAME itself was asked for";
const CIRCLE: &str = "RFC 1034 section 3.6.2: CNAME chains should be followed and CNAME loops signalled as an error";
const IN_DOMAIN: &str =
    "RFC 5452 section 6: only records within the zone that was asked count; a server can say anything of the others";
const NAME_ERROR: &str =
    "RFC 2308 section 2.1: RCODE 3 says that the name is not there: the one that the aliases lead to, if there are any";
const NO_DATA: &str =
    "RFC 2308 section 2.2: no error, no answer, and an SOA record, or neither SOA nor NS: the name has no such record";
const RCODE: &str = "RFC 1035 section 4.1.1: an RCODE other than 0 and 3 says why there is no answer at all";
const TC: &str = "RFC 2181 section 9: a response with TC set is ignored, and the query sent again over TCP";
const DOWN: &str =
    "RFC 1034 section 5.3.3, step 4b: a delegation counts if it is closer to the name than the server that says it";
const GLUE: &str = "RFC 1034 section 4.2.1: the addresses of the servers stand in the additional section, as glue";
const NO_GLUE: &str =
    "RFC 1034 section 5.3.3, step 2: of servers whose address is not known, the address has to be found first";
const DEADLOCK: &str = "RFC 1034 section 4.2.1: the address of a server below the cut cannot be learned without glue";
const MINIMUM: &str = "RFC 2308 section 5: the smaller of the SOA's MINIMUM and the TTL of the SOA record itself";
const NO_SOA: &str = "RFC 2308 section 5: negative responses without SOA records should not be cached";
const FIRST_BIT: &str =
    "RFC 2181 section 8: a TTL with the most significant bit set is treated as if all of it were zero";

fn a(name: &str, address: Ipv4Addr) -> Value {
    Value::record("A", [("name", name.into()), ("ttl", 300_u16.into()), ("data", address.into())])
}

fn ns(zone: &str, server: &str) -> Value {
    Value::record("NS", [("name", zone.into()), ("ttl", 3600_u16.into()), ("data", server.into())])
}

fn cname(name: &str, to: &str) -> Value {
    Value::record("CNAME", [("name", name.into()), ("ttl", 300_u16.into()), ("data", to.into())])
}

fn soa(zone: &str, ttl: u32, minimum: u32) -> Value {
    Value::record("SOA", [("name", zone.into()), ("ttl", ttl.into()), ("minimum", minimum.into())])
}

/// A record of a type that the lab does not know.
fn other(name: &str, rtype: u16, data: &[u8]) -> Value {
    let fields = [("name", name.into()), ("ttl", 60_u16.into()), ("data", data.into()), ("type", rtype.into())];
    Value::record("Other", fields)
}

pub(super) fn within(mut draw: Draw) -> Vec<Ask> {
    let ask = |name: &str, zone: &str, expected: bool| {
        asked("is_within", [("name", name.into()), ("zone", zone.into())], expected.into(), CASE)
    };
    let mut asks = vec![
        ask("www.example.com.", "example.com.", true),
        ask("example.com.", "example.com.", true),
        ask("example.com.", "www.example.com.", false),
        ask("example.org.", "example.com.", false),
        ask("com.", ".", true),
        ask(".", ".", true),
        ask(".", "com.", false),
        ask("badexample.com.", "example.com.", false),
        ask("example.com.net.", "example.com.", false),
        ask("www.example.org.", "www.example.com.", false),
        ask("mail.example.com.", "www.example.com.", false),
        ask("www.Example.COM.", "eXample.com.", true),
        // @ and `, and [ and {, differ in the bit in which A and a do.
        ask("@.example.", "`.example.", false),
        ask("[.example.", "{.example.", false),
    ];
    for count in 0..8 {
        let zone = drawn(&mut draw, count % 4);
        let name = (0..draw.index(4)).fold(zone.clone(), |name, _| under(&label(&mut draw, 8), &name));
        let spelled = respelled(&mut draw, &name);
        asks.push(ask(&spelled, &zone, true));
        asks.push(ask(&spelled, &under("not", &zone), false));
    }
    asks
}

/// A question to a server, and what came.
struct Scene {
    zone: String,
    name: String,
    qtype: u16,
    truncated: bool,
    rcode: u8,
    answers: Vec<Value>,
    authorities: Vec<Value>,
}

impl Scene {
    /// Nothing came but the header.
    fn new(zone: &str, name: &str) -> Self {
        let (zone, name) = (zone.into(), name.into());
        Self { zone, name, qtype: A, truncated: false, rcode: 0, answers: vec![], authorities: vec![] }
    }

    fn answers(self, answers: impl Into<Vec<Value>>) -> Self {
        Self { answers: answers.into(), ..self }
    }

    fn authorities(self, authorities: impl Into<Vec<Value>>) -> Self {
        Self { authorities: authorities.into(), ..self }
    }

    fn arguments(self) -> [(&'static str, Value); 7] {
        [
            ("zone", self.zone.as_str().into()),
            ("name", self.name.as_str().into()),
            ("qtype", self.qtype.into()),
            ("truncated", self.truncated.into()),
            ("rcode", self.rcode.into()),
            ("answers", self.answers.into()),
            ("authorities", self.authorities.into()),
        ]
    }

    fn is(self, verdict: &str, why: &'static str) -> Ask {
        asked("classify", self.arguments(), Value::record(verdict, []), why)
    }

    fn follows(self, name: &str, why: &'static str) -> Ask {
        asked("classify", self.arguments(), Value::record("Follow", [("name", name.into())]), why)
    }
}

pub(super) fn answer(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..6 {
        let zone = if round == 0 { "example.com.".into() } else { drawn(&mut draw, 2) };
        let inside = |draw: &mut Draw, first: &str| {
            let label = if round == 0 { first.into() } else { format!("{first}{}", label(draw, 5)) };
            under(&label, &zone)
        };
        let [www, web, host] = ["www", "web", "host"].map(|first| inside(&mut draw, first));
        let away = under("www", if round == 0 { "example.net." } else { "elsewhere.example." });
        let (one, two) = (draw.address(), draw.address());
        let scene = || Scene::new(&zone, &www);
        let spelled = www.to_ascii_uppercase();
        asks.extend([
            scene().answers([a(&www, one)]).is("Answer", MATCHES),
            scene().answers([a(&www, one), a(&www, two)]).is("Answer", MATCHES),
            scene().answers([other(&www, TXT, b"\x02hi"), a(&host, two), a(&www, one)]).is("Answer", MATCHES),
            scene().answers([a(&spelled, one)]).is("Answer", CASE),
            scene().answers([cname(&www, &web)]).follows(&web, ALIAS),
            scene().answers([cname(&www, &web), a(&web, one)]).is("Answer", ALIAS),
            scene().answers([cname(&www, &web.to_ascii_uppercase()), a(&web, one)]).is("Answer", CASE),
            // In another order, and with something that belongs to neither.
            scene().answers([a(&web, one), cname(&www, &web)]).is("Answer", ALIAS),
            scene().answers([cname(&web, &host), cname(&www, &web), a(&host, two)]).is("Answer", ALIAS),
            scene().answers([cname(&www, &web), cname(&web, &host)]).follows(&host, ALIAS),
            scene().answers([a(&host, two), cname(&www, &web)]).follows(&web, MATCHES),
            Scene { qtype: AAAA, ..scene() }.answers([cname(&www, &web), a(&web, one)]).follows(&web, MATCHES),
            Scene { qtype: AAAA, ..scene() }
                .answers([cname(&www, &web), other(&web, AAAA, &[0x20; 16])])
                .is("Answer", MATCHES),
            Scene { qtype: CNAME, ..scene() }.answers([cname(&www, &web)]).is("Answer", ALIAS),
            scene().answers([cname(&www, &web)]).authorities([ns(&zone, &host)]).follows(&web, ALIAS),
            scene().answers([cname(&www, &away)]).follows(&away, ALIAS),
            // What it says of a name that is not its own.
            scene().answers([cname(&www, &away), a(&away, one)]).follows(&away, IN_DOMAIN),
            scene().answers([cname(&www, &away), cname(&away, &web)]).follows(&away, IN_DOMAIN),
            Scene::new(".", &www).answers([cname(&www, &away), a(&away, one)]).is("Answer", ALIAS),
            malformed("classify", scene().answers([cname(&www, &www)]).arguments(), CIRCLE),
            malformed("classify", scene().answers([cname(&www, &web), cname(&web, &www)]).arguments(), CIRCLE),
            malformed(
                "classify",
                scene().answers([cname(&www, &web), cname(&web, &host), cname(&host, &web)]).arguments(),
                CIRCLE,
            ),
        ]);
    }
    asks
}

pub(super) fn negative(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..6 {
        let zone = if round == 0 { "example.com.".into() } else { drawn(&mut draw, 2) };
        let [www, web, server] = ["www", "web", "ns1"].map(|label| under(label, &zone));
        let away = "www.elsewhere.example.";
        let [start, servers] = [soa(&zone, 3600, 300), ns(&zone, &server)];
        let scene = || Scene::new(&zone, &www);
        let no_name = || Scene { rcode: 3, ..scene() };
        asks.extend([
            no_name().authorities([start.clone()]).is("NoName", NAME_ERROR),
            scene().authorities([start.clone()]).is("NoData", NO_DATA),
            // RFC 2308 shows them with servers too, and with nothing at all.
            no_name().is("NoName", NAME_ERROR),
            no_name().authorities([servers.clone()]).is("NoName", NAME_ERROR),
            scene().is("NoData", NO_DATA),
            scene().authorities([servers.clone(), start.clone()]).is("NoData", NO_DATA),
            scene().authorities([start.clone(), servers.clone()]).is("NoData", NO_DATA),
            // Of the name at the end of the aliases.
            no_name().answers([cname(&www, &web)]).authorities([start.clone()]).is("NoName", NAME_ERROR),
            no_name().answers([cname(&www, &web)]).is("NoName", NAME_ERROR),
            scene().answers([cname(&www, &web)]).authorities([start.clone()]).is("NoData", NO_DATA),
            // And that one is none of this server's.
            no_name().answers([cname(&www, away)]).authorities([start.clone()]).follows(away, IN_DOMAIN),
            scene().answers([cname(&www, away)]).authorities([start.clone()]).follows(away, IN_DOMAIN),
        ]);
    }
    asks
}

pub(super) fn failed(mut draw: Draw) -> Vec<Ask> {
    let mut asks = vec![];
    for round in 0..4 {
        let zone = if round == 0 { "com.".into() } else { drawn(&mut draw, 1) };
        let www = under("www", &under("example", &zone));
        let below = under("example", &zone);
        let scene = || Scene::new(&zone, &www);
        let failed = |rcode: u8, scene: Scene| {
            let scene = Scene { rcode, ..scene };
            asked("classify", scene.arguments(), Value::record("Failed", [("rcode", rcode.into())]), RCODE)
        };
        asks.extend([2, 5, 1, 4, 9, 11].map(|rcode| failed(rcode, scene())));
        asks.push(failed(2, scene().authorities([soa(&zone, 900, 60)])));
        asks.push(failed(5, scene().authorities([ns(&below, &under("ns1", &below))])));
        let answers = [a(&www, draw.address())];
        let cut = || Scene { truncated: true, ..scene() };
        asks.push(scene().answers(answers.clone()).is("Answer", MATCHES));
        asks.push(cut().is("Truncated", TC));
        asks.push(cut().answers(answers).is("Truncated", TC));
        asks.push(cut().answers([cname(&www, &below)]).is("Truncated", TC));
        asks.push(cut().authorities([ns(&below, &under("ns1", &below))]).is("Truncated", TC));
    }
    asks
}

pub(super) fn referral(mut draw: Draw) -> Vec<Ask> {
    let referred = |scene: Scene, to: &str, servers: &[&str]| {
        let mut records: Vec<Value> = servers.iter().map(|server| ns(to, server)).collect();
        // Something of another kind stands among them now and then.
        if servers.len() > 1 {
            records.insert(1, other(to, 43, &[1, 2, 3]));
        }
        let servers: Vec<Value> = servers.iter().map(|server| Value::from(*server)).collect();
        let verdict = Value::record("Referral", [("zone", to.into()), ("servers", servers.into())]);
        asked("classify", scene.authorities(records).arguments(), verdict, DOWN)
    };
    let lame = |zone: &str, name: &str, to: &str| {
        Scene::new(zone, name).authorities([ns(to, "ns1.example.net.")]).is("Lame", DOWN)
    };
    let mut asks = vec![];
    for round in 0..6 {
        let top = if round == 0 { "com.".into() } else { drawn(&mut draw, 1) };
        let zone = under(&if round == 0 { "example".into() } else { label(&mut draw, 8) }, &top);
        let www = under("www", &zone);
        let [one, two, away] = [under("ns1", &zone), under("ns2", &zone), "ns.elsewhere.example.".into()];
        asks.extend([
            referred(Scene::new(".", &www), &top, &["a.servers.example."]),
            referred(Scene::new(&top, &www), &zone, &[&one]),
            referred(Scene::new(&top, &www), &zone, &[&two, &away, &one]),
            referred(Scene::new(&top, &zone), &zone, &[&away]),
            referred(Scene::new(&top, &under("a.b", &zone)), &under("b", &zone), &[&one, &two]),
            referred(Scene::new(".", &www), &zone, &[&one]),
            referred(Scene::new(&top, &www), &zone.to_ascii_uppercase(), &[&one]),
            // Up to the root, up, to the same zone, and to one that the name is not in.
            lame(&zone, &www, "."),
            lame(&zone, &www, &top),
            lame(&zone, &www, &zone),
            lame(&zone, &www, &zone.to_ascii_uppercase()),
            lame(&top, &www, &under("other", &top)),
            lame(&top, &www, "elsewhere.example."),
            lame(&top, &zone, &under("below", &zone)),
        ]);
    }
    asks
}

pub(super) fn glue(mut draw: Draw) -> Vec<Ask> {
    let next = |zone: &str, to: &str, servers: &[&str], additionals: &[Value], expected: Value, why| {
        let servers: Vec<Value> = servers.iter().map(|server| Value::from(*server)).collect();
        let arguments = [
            ("zone", zone.into()),
            ("to", to.into()),
            ("servers", servers.into()),
            ("additionals", additionals.to_vec().into()),
        ];
        asked("next", arguments, expected, why)
    };
    let ask = |address: Ipv4Addr| Value::record("Ask", [("address", address.into())]);
    let find = |name: &str| Value::record("Find", [("name", name.into())]);
    let nobody = || Value::record("Nobody", []);
    let mut asks = vec![];
    for round in 0..6 {
        let zone = if round == 0 { "com.".into() } else { drawn(&mut draw, 1) };
        let to = under(&if round == 0 { "example".into() } else { label(&mut draw, 8) }, &zone);
        let [one, two] = ["ns1", "ns2"].map(|label| under(label, &to));
        let (sibling, away) = (under("ns.hoster", &zone), "ns.elsewhere.example.");
        let [first, second, third] = [(); 3].map(|()| draw.address());
        let options = other(".", OPT, &[]);
        let six = other(&one, AAAA, &[0x20; 16]);
        asks.extend([
            next(&zone, &to, &[&one], &[a(&one, first)], ask(first), GLUE),
            next(&zone, &to, &[&one, &two], &[a(&one, first), a(&two, second)], ask(first), GLUE),
            // In the order of the servers, not of their addresses.
            next(&zone, &to, &[&two, &one], &[a(&one, first), a(&two, second)], ask(second), GLUE),
            next(&zone, &to, &[away, &one, &two], &[a(&two, second)], ask(second), GLUE),
            next(&zone, &to, &[&one], &[options, six.clone(), a(&one, first)], ask(first), GLUE),
            next(&zone, &to, &[&one.to_ascii_uppercase()], &[a(&one, first)], ask(first), CASE),
            next(&zone, &to, &[&sibling], &[a(&sibling, third)], ask(third), GLUE),
            // The address of somebody else.
            next(&zone, &to, &[away], &[a(&one, first)], find(away), GLUE),
            next(&zone, &to, &[away], &[], find(away), NO_GLUE),
            next(&zone, &to, &[&sibling, away], &[], find(&sibling), NO_GLUE),
            // What the server says of a zone that is not below its own.
            next(&zone, &to, &[away], &[a(away, third)], find(away), IN_DOMAIN),
            next(&zone, &to, &[away, &one], &[a(away, third), a(&one, first)], ask(first), IN_DOMAIN),
            next(".", &to, &[away], &[a(away, third)], ask(third), GLUE),
            next(&zone, &to, &[&one], &[], nobody(), DEADLOCK),
            next(&zone, &to, &[&one, &two], &[six], nobody(), DEADLOCK),
            next(&zone, &to, &[&one, away], &[], find(away), DEADLOCK),
            next(&zone, &to, &[&to.to_ascii_uppercase(), away], &[], find(away), DEADLOCK),
            next(&zone, &to, &[], &[a(&one, first)], nobody(), GLUE),
        ]);
    }
    asks
}

pub(super) fn negative_ttl(mut draw: Draw) -> Vec<Ask> {
    let ask = |name: &str, authorities: &[Value], ttl: Option<u32>, why| {
        let arguments = [("name", name.into()), ("authorities", authorities.to_vec().into())];
        asked("negative_ttl", arguments, ttl.into(), why)
    };
    let (name, zone) = ("nosuch.example.com.", "example.com.");
    let server = ns(zone, "ns1.example.com.");
    let mut asks = vec![
        ask(name, &[soa(zone, 3600, 300)], Some(300), MINIMUM),
        ask(name, &[soa(zone, 60, 300)], Some(60), MINIMUM),
        ask(name, &[soa(zone, 300, 300)], Some(300), MINIMUM),
        ask(name, &[soa(zone, 3600, 0)], Some(0), MINIMUM),
        ask(name, &[soa(zone, 0, 3600)], Some(0), MINIMUM),
        ask(name, &[server.clone(), soa(zone, 900, 60)], Some(60), MINIMUM),
        ask(zone, &[soa(zone, 900, 60)], Some(60), MINIMUM),
        ask(name, &[soa(".", 86_400, 3600)], Some(3600), MINIMUM),
        ask(name, &[soa("EXAMPLE.com.", 900, 60)], Some(60), CASE),
        ask(name, &[], None, NO_SOA),
        ask(name, &[server], None, NO_SOA),
        // The start of a zone that the name is not in says nothing of it.
        ask(name, &[soa("example.org.", 900, 60)], None, IN_DOMAIN),
        ask(name, &[soa("sub.example.com.", 900, 60)], None, IN_DOMAIN),
        ask(name, &[soa(zone, 1 << 31, 60)], Some(0), FIRST_BIT),
        ask(name, &[soa(zone, u32::MAX, 60)], Some(0), FIRST_BIT),
        ask(name, &[soa(zone, (1 << 31) - 1, 60)], Some(60), MINIMUM),
    ];
    for _ in 0..10 {
        let zone = drawn(&mut draw, 2);
        let [ttl, minimum] = [(); 2].map(|()| u32::from(draw.word()));
        let smaller = if ttl < minimum { ttl } else { minimum };
        asks.push(ask(&under("gone", &zone), &[soa(&zone, ttl, minimum)], Some(smaller), MINIMUM));
    }
    asks
}
