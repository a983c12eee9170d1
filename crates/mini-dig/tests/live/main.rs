//! mini-dig beside dig and kdig, and its servers beside nsd and unbound: the same questions, the same answers.
//!
//! All of them run in one namespace, each at a port of its own.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    reason = "a test ends at its first surprise, and builds records byte by byte"
)]

mod answers;
#[path = "../../../wire/tests/dns/generate.rs"]
#[allow(dead_code, reason = "it generates whole messages too")]
mod generate;
#[path = "../../../wire/tests/packets/rng.rs"]
mod rng;
mod zone;

use answers::Answer;
use needs::{Failed, Net, Program, Running, test};
use rng::Rng;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use wire::dns::Type;
use zone::Asked;

const OURS: &str = env!("CARGO_BIN_EXE_mini-dig");

const NSD: u16 = 5301;
const UNBOUND: u16 = 5302;
const OWN: u16 = 5303;

/// A thousand questions by a program that is started for each.
const LIMIT: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    needs::live(&["nsd", "unbound", "dig", "kdig", "drill", "ldns-keygen", "ldns-signzone", "python3"]).run([
        test("thousand_answers_of_nsd_are_those_that_dig_and_kdig_show", || same_answers(NSD)),
        test("thousand_answers_of_unbound_are_those_that_dig_and_kdig_show", || same_answers(UNBOUND)),
        test("signed_answers_of_nsd_and_its_proofs_are_those_that_dig_and_kdig_show", signed),
        test("our_server_answers_a_thousand_questions_as_nsd_does", same_as_nsd),
        test("stock_clients_walk_through_the_twin_of_the_network_names", twin),
        test("stream_carries_many_questions_and_is_closed_when_it_is_idle", streams),
        test("port_that_is_taken_is_told_with_the_way_out", taken),
    ])
}

/// A namespace, a directory with the zone and the questions, and the servers that run there.
struct Place {
    net: Net,
    directory: tempfile::TempDir,
    asked: Vec<Asked>,
    running: Vec<Running>,
}

impl Place {
    fn new() -> Result<Self, Failed> {
        Self::with(zone::questions())
    }

    fn with(asked: Vec<Asked>) -> Result<Self, Failed> {
        let directory = tempfile::tempdir()?;
        let lines: String = asked.iter().map(|(name, rrtype)| format!("{name} {rrtype}\n")).collect();
        std::fs::write(directory.path().join("questions"), lines)?;
        std::fs::write(directory.path().join("example.zone"), zone::text())?;
        Ok(Self { net: Net::row(&["here"]).build()?, directory, asked, running: vec![] })
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn at(&self, program: &str) -> Program {
        self.net.at("here", Program::new(program)).directory(self.path()).limit(LIMIT)
    }

    fn start(&mut self, program: Program, until: &str) -> Result<(), Failed> {
        let mut running = program.start()?;
        running.wait_for(until)?;
        self.running.push(running);
        Ok(())
    }

    /// nsd with the zones of these names, each in a file of its name.
    fn nsd(&mut self, zones: &[&str]) -> Result<(), Failed> {
        let at = self.path().display();
        let zone = |name: &&str| format!("zone:\n name: {name}.\n zonefile: {name}.zone\n");
        let zones: String = zones.iter().map(zone).collect();
        let config = format!(
            "server:\n server-count: 1\n ip-address: 127.0.0.1@{NSD}\n username: \"\"\n zonesdir: \"{at}\"\n database: \"\"\n \
             pidfile: \"{at}/nsd.pid\"\n zonelistfile: \"{at}/zone.list\"\n xfrdfile: \"{at}/xfrd.state\"\n xfrdir: \"{at}\"\n \
             ipv4-edns-size: 1232\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n\
             {zones}"
        );
        std::fs::write(self.path().join("nsd.conf"), config)?;
        let program = self.at("nsd").words("-d -V 2 -c nsd.conf");
        self.start(program, "nsd started")
    }

    fn unbound(&mut self) -> Result<(), Failed> {
        let at = self.path().display();
        let config = format!(
            "server:\n interface: 127.0.0.1@{UNBOUND}\n username: \"\"\n chroot: \"\"\n directory: \"{at}\"\n pidfile: \"\"\n \
             use-syslog: no\n verbosity: 1\n do-not-query-localhost: no\n module-config: \"iterator\"\n num-threads: 1\n \
             rrset-roundrobin: no\n serve-original-ttl: yes\n edns-buffer-size: 1232\n max-udp-size: 1232\n \
             access-control: 127.0.0.0/8 allow\n target-fetch-policy: \"0 0 0 0 0\"\n\
             remote-control:\n control-enable: no\n\
             stub-zone:\n name: \"example.\"\n stub-addr: 127.0.0.1@{NSD}\n\
             forward-zone:\n name: \".\"\n forward-addr: 127.0.0.1@{NSD}\n"
        );
        std::fs::write(self.path().join("unbound.conf"), config)?;
        let program = self.at("unbound").words("-d -c unbound.conf");
        self.start(program, "start of service")
    }

    fn own(&mut self) -> Result<(), Failed> {
        let program = self.at(OURS).words(&format!("serve -q -p {OWN} --bind 127.0.0.1 example.zone"));
        self.start(program, "Try, from another terminal")
    }

    /// What dig shows of all questions at a port.
    fn dig(&self, port: u16, more: &str) -> Result<Vec<Answer>, Failed> {
        let flags = "+noall +comments +answer +authority +additional +nosplit +nocookie +noadflag +bufsize=1232 +tries=1 +time=5";
        self.answers(self.at("dig").words(&format!("-f questions @127.0.0.1 -p {port} {flags} {more}")))
    }

    fn kdig(&self, port: u16, more: &str) -> Result<Vec<Answer>, Failed> {
        let program = self.at("kdig").words(&format!("@127.0.0.1 -p {port} +bufsize=1232 +retry=0 +time=5 {more}"));
        let words =
            self.asked.iter().flat_map(|(name, rrtype)| ["-q".into(), name.clone(), "-t".into(), rrtype.to_string()]);
        self.answers(program.args(words))
    }

    fn mini_dig(&self, port: u16, more: &str) -> Result<Vec<Answer>, Failed> {
        let each = format!(
            "while read -r name type; do {OURS} -q \"$name\" -t \"$type\" @127.0.0.1 -p {port} +tries=1 +timeout=5 {more}; done < questions"
        );
        self.answers(self.at("sh").args(["-c", &each]))
    }

    /// The same with one program for all, which asks many at once.
    fn list(&self, port: u16, more: &str) -> Result<Vec<Answer>, Failed> {
        self.answers(self.at(OURS).words(&format!("-f questions @127.0.0.1 -p {port} {more}")))
    }

    /// One answer for each question, whatever the exit status is.
    fn answers(&self, program: Program) -> Result<Vec<Answer>, Failed> {
        let called: String = program.to_string().chars().take(120).collect();
        let ended = program.run()?;
        let answers = answers::read(&ended.stdout);
        match answers.len() == self.asked.len() {
            true => Ok(answers),
            false => {
                let is_told = |line: &&str| line.contains("bad packet") || line.contains("communications error");
                let shown: Vec<&str> = ended.stdout.lines().filter(is_told).take(5).collect();
                let shown = format!("{shown:?} {}", ended.stderr);
                Err(format!("{called}: {} answers for {} questions: {shown}", answers.len(), self.asked.len()).into())
            }
        }
    }

    /// The questions with answers that are not the same, and what differs.
    fn differences<'p>(&'p self, is: &'p [Answer], expected: &'p [Answer]) -> Vec<(&'p Asked, &'p Answer, &'p Answer)> {
        let pairs = self.asked.iter().zip(is.iter().zip(expected));
        pairs
            .filter(|(_, (is, expected))| is != expected)
            .map(|(asked, (is, expected))| (asked, is, expected))
            .collect()
    }
}

fn same_answers(port: u16) -> Result<(), Failed> {
    let mut asked = zone::questions();
    if port == UNBOUND {
        // Nobody is at the addresses of those zones: a resolver would look for somebody until all clients have given up.
        asked.retain(|(name, _)| !name.contains("sub"));
    }
    let mut place = Place::with(asked)?;
    place.nsd(&["example"])?;
    if port == UNBOUND {
        place.unbound()?;
        // What a resolver knows already it tells with less beside it: all are to find the same.
        place.dig(port, "")?;
    }
    compare(&place, port, "")
}

/// Asks by all three clients.
fn compare(place: &Place, port: u16, more: &str) -> Result<(), Failed> {
    let ours = place.mini_dig(port, more)?;
    let small = |answers: &[Answer]| -> Vec<Answer> { answers.iter().map(Answer::small).collect() };
    // kdig asks in small letters, and a server's answer spells names as the question does.
    let (ours_small, kdigs) = (small(&ours), small(&place.kdig(port, more)?));
    let (digs, lists) = (place.dig(port, more)?, place.list(port, more)?);
    for (other, is, theirs) in [("dig", &ours, digs), ("kdig", &ours_small, kdigs), ("a list", &ours, lists)] {
        let different = place.differences(is, &theirs);
        if !different.is_empty() {
            return Err(format!("{} answers differ from {other}'s:\n{}", different.len(), shown(&different)).into());
        }
    }
    println!("{} answers at port {port} compared with dig, kdig and -f: {}", ours.len(), kinds(&ours));
    Ok(())
}

/// The zone `signed` with NSEC, and once more with NSEC3.
fn signed() -> Result<(), Failed> {
    for proofs in ["", "-n -t 1 -s 0A0B"] {
        let mut place = Place::with(zone::questions_about_signed())?;
        std::fs::write(place.path().join("signed.zone"), zone::SIGNED)?;
        let key = place.at("ldns-keygen").words("-a ECDSAP256SHA256 -r /dev/urandom signed").succeed()?;
        let words = format!("{proofs} -f signed.zone signed.zone {}", key.trim());
        place.at("ldns-signzone").words(&words).succeed()?;
        place.nsd(&["example", "signed"])?;
        compare(&place, NSD, "+dnssec")?;
    }
    Ok(())
}

/// How many answers of each kind there are.
fn kinds(answers: &[Answer]) -> String {
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    for answer in answers {
        let has = if answer.sections[0].is_empty() { "without records" } else { "with records" };
        *kinds.entry(format!("{} {has}", answer.status)).or_default() += 1;
    }
    kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}

fn same_as_nsd() -> Result<(), Failed> {
    let mut place = Place::new()?;
    place.nsd(&["example"])?;
    place.own()?;
    let (own, nsd) = (place.dig(OWN, "")?, place.dig(NSD, "")?);
    let (mut reasons, mut unknown) = (BTreeMap::new(), vec![]);
    for (asked, own, nsd) in place.differences(&own, &nsd) {
        match why_nsd_differs(asked, own, nsd) {
            Some(reason) => *reasons.entry(reason).or_insert(0) += 1,
            None => unknown.push((asked, own, nsd)),
        }
    }
    println!("{} answers compared with those of nsd: {}", own.len(), kinds(&own));
    reasons.iter().for_each(|(reason, count)| println!("{count:6} {reason}"));
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(format!("{} answers differ without a reason:\n{}", unknown.len(), shown(&unknown)).into()),
    }
}

/// The first of the questions whose answers differ.
fn shown(different: &[(&Asked, &Answer, &Answer)]) -> String {
    let lines = different.iter().take(12);
    lines.map(|((name, rrtype), is, expected)| format!("{name} {rrtype}\n  {is}\n  {expected}\n")).collect()
}

/// Why nsd answers otherwise; `None`: for no reason that is known.
fn why_nsd_differs((_, rrtype): &Asked, own: &Answer, nsd: &Answer) -> Option<&'static str> {
    let (own, nsd) = (own.small(), nsd.small());
    let bare = nsd.clone().without("example. 3600 in ns ns.example.", "ns.example. 3600 in a 127.0.0.1");
    if own == nsd {
        Some(
            "letters: nsd's answer spells a name as the question does where a pointer leads there (RFC 4343 section 4.1)",
        )
    } else if own == bare {
        Some("nsd adds the zone's own servers to its answers; RFC 1034 section 4.3.2 has no such step")
    } else if *rrtype == Type::NSEC3 {
        Some(
            "nsd keeps NSEC3 apart from names and answers for none; RFC 5155 section 7.2.8 is about names without other records",
        )
    } else {
        None
    }
}

/// Clients of other makers at the twin, and our own walk through it.
fn twin() -> Result<(), Failed> {
    let mut place = Place::new()?;
    let program = place.at(OURS).words("serve");
    place.start(program, "Try, from another terminal")?;
    std::fs::write(place.path().join("hints"), ". 3600 IN NS a.root-servers.\na.root-servers. 3600 IN A 127.53.0.1\n")?;
    let walk = place.at(OURS).words("@127.53.0.1 -p 5300 www.far.org +trace +short").succeed()?;
    let dig = place.at("dig").words("@127.53.0.4 -p 5300 shop.example.com +short").succeed()?;
    let kdig = place.at("kdig").words("@127.53.0.7 -p 5300 big.example.org TXT +short").succeed()?;
    let drill = place.at("drill").words("-p 5300 -T -r hints www.example.com").succeed()?;
    let is_walked = ["com.\t86400\tIN\tNS\ta.com-servers.com.", "www.example.com.\t300\tIN\tA\t203.0.113.10"];
    match (walk.as_str(), dig.as_str(), kdig.len() > 3000, is_walked.iter().all(|line| drill.contains(line))) {
        ("203.0.113.10\n", "www.example.com.\n203.0.113.10\n", true, true) => Ok(()),
        _ => Err(format!("mini-dig: {walk}dig: {dig}kdig: {kdig}drill: {drill}").into()),
    }
}

/// Three questions in two pieces over the first connection; nothing over the second; the third one waits for the second's end.
const STREAMS: &str = "
import socket
query = bytes.fromhex('0021 1234 0000 0001 0000 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001')
connect = lambda: socket.create_connection(('127.53.0.4', 5300), 5)
def answers(s, count):
    got = b''
    while len(got) < count * 51: got += s.recv(4096)
    return len(got)
first, silent, third = connect(), connect(), connect()
third.sendall(query)
first.sendall((query * 3)[:40])
first.sendall((query * 3)[40:])
print(answers(first, 3), repr(silent.recv(1)), answers(third, 1), repr(first.recv(1)))
";

fn streams() -> Result<(), Failed> {
    let place = Place::new()?;
    // Twice, at once one after the other: connections that this side closed keep nobody from the port.
    for _ in 0..2 {
        let mut server = place.at(OURS).words("serve --idle-timeout 0.3 --max-connections 2 -c 4").start()?;
        server.wait_for("Try, from another terminal")?;
        let asked = place.at("python3").args(["-c", STREAMS]).succeed()?;
        let ended = server.end()?;
        let told = ["full: 2 connections are open", "4 messages received, 4 answered, 3 connections, time "];
        if asked != "153 b'' 51 b''\n" || !told.iter().all(|part| ended.stdout.contains(part)) || ended.code != 0 {
            return Err(format!("{asked}{ended}").into());
        }
    }
    Ok(())
}

/// The port is held by a server of our own; Ctrl-C ends it with the statistics.
fn taken() -> Result<(), Failed> {
    let place = Place::new()?;
    let mut first = place.at(OURS).words("serve").start()?;
    first.wait_for("Try, from another terminal")?;
    let second = place.at(OURS).words("serve").run()?;
    let told = "error: 127.53.0.1:5300 is in use already\n\
                hint: `ss -lntup 'sport = :5300'` names the program that has it; take another port with -p\n";
    if second.code != 2 || second.stderr != told {
        return Err(second.to_string().into());
    }
    place.at("dig").words("@127.53.0.1 -p 5300 . NS +tcp +short").succeed()?;
    first.signal("INT")?;
    let ended = first.end()?;
    match ended.code == 0
        && ended.stdout.contains("root: 0 by UDP, 1 by TCP\n1 message received, 1 answered, 1 connection, time ")
    {
        true => Ok(()),
        false => Err(ended.to_string().into()),
    }
}
