//! Messages as text, in the shape that users of dig know.

use crate::ask::{Reply, Transport};
use crate::servers::Server;
use cli::{escape, milliseconds};
use wire::dns::{Message, Opcode, Question, Rcode, Record, Type};

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// The lines of an answer: what its header says, and its sections.
pub(crate) fn message(message: &Message) -> Vec<String> {
    let mut lines = header(message);
    if let Some(edns) = message.edns() {
        lines.extend([String::new(), ";; OPT PSEUDOSECTION:".into(), format!("; EDNS: {edns}")]);
        lines.extend(edns.options.iter().map(|option| format!("; {}", escape(&option.to_string()))));
    }
    if !message.questions.is_empty() {
        // The pseudosection belongs to the question's section in dig's output: no line between them.
        if message.edns().is_none() {
            lines.push(String::new());
        }
        lines.push(";; QUESTION SECTION:".into());
        lines.extend(message.questions.iter().map(question));
    }
    for (name, records) in
        [("ANSWER", &message.answers), ("AUTHORITY", &message.authorities), ("ADDITIONAL", &message.additionals)]
    {
        let mut shown = records.iter().filter(|record| record.rrtype() != Type::OPT).peekable();
        if shown.peek().is_some() {
            lines.extend([String::new(), format!(";; {name} SECTION:")]);
            lines.extend(shown.map(record));
        }
    }
    lines
}

fn header(message: &Message) -> Vec<String> {
    let header = &message.header;
    let flags: String = header.flags().map(|flag| format!(" {flag}")).collect();
    let mut lines = vec![
        ";; Got answer:".to_string(),
        format!(";; ->>HEADER<<- opcode: {}, status: {}, id: {}", Opcode(header.opcode), message.rcode(), header.id),
        format!(
            ";; flags:{flags}; QUERY: {}, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}",
            header.qdcount, header.ancount, header.nscount, header.arcount
        ),
    ];
    if header.rd && !header.ra {
        lines.push(";; WARNING: recursion requested but not available".into());
    }
    lines
}

/// `;www.example.com. IN A`, with tabs for blanks.
fn question(question: &Question) -> String {
    let Question { qname, qtype, qclass } = question;
    columns(&[(&format!(";{qname}"), 32), (&qclass.to_string(), 40), (&qtype.to_string(), 0)])
}

/// `www.example.com. 300 IN A 203.0.113.10`, with tabs for blanks.
pub(crate) fn record(record: &Record) -> String {
    let Record { name, class, ttl, rdata } = record;
    let (ttl, class, rrtype) = (ttl.to_string(), class.to_string(), record.rrtype().to_string());
    columns(&[(&name.to_string(), 24), (&ttl, 32), (&class, 40), (&rrtype, 48), (&escape(&rdata.to_string()), 0)])
}

/// Texts, each with tabs behind it up to a column, or with a blank where it is there already.
fn columns(cells: &[(&str, usize)]) -> String {
    let (mut line, mut column) = (String::new(), 0);
    for (text, end) in cells {
        line.push_str(text);
        column += text.chars().count();
        if *end == 0 {
            continue;
        }
        if column >= *end {
            line.push(' ');
            column += 1;
        }
        while column < *end {
            line.push('\t');
            column = (column / TAB + 1) * TAB;
        }
    }
    line
}

/// The lines below an answer.
pub(crate) fn statistics(reply: &Reply, server: &Server) -> Vec<String> {
    let Reply { rtt, from, transport, bytes, behind, .. } = reply;
    let mut lines = vec![
        format!(";; Query time: {} msec", milliseconds(*rtt)),
        format!(";; SERVER: {}#{}({}) ({transport})", from.ip(), from.port(), server.name),
        format!(";; MSG SIZE  rcvd: {}", bytes.len()),
    ];
    if *behind > 0 {
        lines.push(format!(";; WARNING: {behind} bytes stand behind the message, and belong to nothing in it"));
    }
    lines
}

/// `+0x20`: what the spelling of the name is worth.
pub(crate) fn random_case(message: &Message) -> Vec<String> {
    let bits: usize = message.questions.iter().map(|question| question.qname.letters()).sum();
    let what = if bits == 1 { "letter of random case: 1 bit" } else { "letters of random case" };
    let more = if bits == 1 { String::new() } else { format!(": {bits} bits") };
    vec![format!(
        ";; 0x20: {bits} {what}{more} more for a forger to guess, beside 16 of the number and nearly 16 of the port"
    )]
}

/// `+short`: the data of the answer.
pub(crate) fn short(message: &Message) -> Vec<String> {
    message.answers.iter().map(|record| escape(&record.rdata.to_string())).collect()
}

/// What the header of an answer says, in sentences.
pub(crate) fn told(message: &Message, transport: Transport) -> Vec<String> {
    let header = &message.header;
    let refers = refers(message);
    let mut told = vec![];
    told.push(match (header.aa, header.ra, refers) {
        (true, ..) => "aa is set: this server has authority for the name, and knows it from its own zone".to_string(),
        (false, true, _) => {
            "aa is not set: this server heard it from others, or kept it from an earlier question".into()
        }
        (false, false, true) => "aa is not set: the name is in a zone of others".into(),
        (false, false, false) => "aa is not set: this server has no authority for the name".into(),
    });
    told.push(match (header.rd, header.ra) {
        (true, true) => "rd and ra are set: it was asked to ask others, and does so".to_string(),
        (true, false) => "rd is set and ra is not: it was asked to ask others, and never does".into(),
        (false, true) => "rd is not set: it was asked for what it knows itself; ra: it would ask others".into(),
        (false, false) => "rd is not set: it was asked for what it knows itself".into(),
    });
    if header.tc {
        told.push(match transport {
            Transport::Udp => {
                "tc is set: the answer is longer than what the question had room for, and is asked for by TCP".into()
            }
            Transport::Tcp => "tc is set, by TCP: there is more, and no way to get it".into(),
        });
    }
    if header.ad {
        told.push("ad is set: the server says that it has checked the signatures (RFC 4035 section 3.2.3)".into());
    }
    told.extend(outcome(message));
    told
}

/// Whether an answer has nothing but the names of those who know more.
pub(crate) fn refers(message: &Message) -> bool {
    let has_servers = message.authorities.iter().any(|record| record.rrtype() == Type::NS);
    message.answers.is_empty() && !message.header.aa && message.rcode() == Rcode::NOERROR && has_servers
}

/// Why there is no answer, where there is none.
pub(crate) fn outcome(message: &Message) -> Option<String> {
    let has_soa = message.authorities.iter().any(|record| record.rrtype() == Type::SOA);
    Some(match message.rcode() {
        Rcode::NOERROR if !message.answers.is_empty() => return None,
        Rcode::NOERROR if has_soa => "the name is there, and has no records of this type (RFC 2308 section 2.2)".into(),
        Rcode::NOERROR if message.header.tc => return None,
        Rcode::NOERROR if refers(message) => {
            "a referral: those in the authority section are to be asked (RFC 1034 section 4.3.1)".into()
        }
        Rcode::NOERROR => "no answer, and nothing that says why".into(),
        Rcode::NXDOMAIN => "there is no such name, and nothing below it (RFC 8020)".into(),
        Rcode::SERVFAIL => "the server could not find an answer (RFC 1035 section 4.1.1)".into(),
        Rcode::REFUSED => "the server will not answer this question (RFC 1035 section 4.1.1)".into(),
        Rcode::FORMERR => "the server could not read the question (RFC 1035 section 4.1.1)".into(),
        Rcode::NOTIMP => "the server does not know this kind of question (RFC 1035 section 4.1.1)".into(),
        rcode => format!("the server says {rcode}"),
    })
}
