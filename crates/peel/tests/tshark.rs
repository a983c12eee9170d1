//! Others judge: tshark reads what our tools capture, and peel reads what others write; both see the same packets.

mod made;

use cli::Tool;
use made::{Kept, Run};
use needs::tshark::{equal, fields};
use needs::{Failed, Program, test};
use peel::capture::{Capture, Direction};
use peel::ends::Ends;
use peel::stamp::Seconds;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use wire::dissect::{Dissection, Protocol, dissect};

fn main() -> ExitCode {
    needs::tshark::need_with(&["capinfos", "editcap", "mergecap", "tcpdump"]).run([
        test("captures_of_all_nets_have_names_comments_and_nanoseconds", names_comments_and_nanoseconds),
        test("lines_have_the_addresses_and_protocols_that_tshark_has", addresses_and_protocols),
        test("frame_that_is_not_let_in_is_captured_with_a_comment", not_let_in),
        test("filters_let_pass_what_those_of_tcpdump_do", filters),
        test("files_that_others_write_are_read_as_ours", other_formats),
    ])
}

/// A run in each kind of network, with what goes wrong there.
fn runs() -> Vec<(&'static str, made::Left)> {
    fn run<T: Tool>(
        net: &'static str,
        bent: &'static [&'static str],
        args: &'static str,
    ) -> (&'static str, made::Left) {
        (net, Run { net, bent, args }.by::<T>())
    }
    vec![
        run::<arping::Arping>("lan", &["lan.loss=20%"], "-c 5 host5"),
        run::<arping::Arping>("lan-poisoned", &[], "--table -b -c 8 10.0.0.1"),
        run::<arping::Arping>("hub", &[], "-c 2 d"),
        run::<arping::Arping>("hub-switched", &[], "-c 2 d"),
        run::<myping::Myping>("subnets", &[], "-c 2 192.168.2.2"),
        run::<myping::Myping>("routers", &["net5.loss=30%"], "-c 6 server"),
        run::<myping::Myping>("routers", &["net5.rate=100kbit/s", "net5.queue=1"], "-c 12 -i 0.002 -s 1000 server"),
        run::<mytraceroute::Mytraceroute>("routers", &[], "-T server"),
        run::<mytraceroute::Mytraceroute>("diamond", &[], "--multipath server"),
        run::<mytraceroute::Mytraceroute>("mtu", &[], "--mtu server"),
        run::<mytraceroute::Mytraceroute>("mtu-blackhole", &[], "--mtu server"),
        run::<mytraceroute::Mytraceroute>("transport", &[], "-T -p 22 b"),
        run::<udp_echo::UdpEcho>("transport", &["link.loss=10%"], "send -s 0,3,56,1472 -i 0.1 b:53"),
        run::<udp_echo::UdpEcho>("transport", &[], "send -c 2 --no-checksum b:9"),
        run::<mytraceroute::Mytraceroute>("names", &[], "-q 1 web"),
        run::<mytraceroute::Mytraceroute>("names-poisoned", &[], "-q 1 web"),
        run::<mytraceroute::Mytraceroute>("nat", &[], "-q 1 host"),
    ]
}

/// Each capture of each run in a file of its own; with `all`, of all networks there are.
fn captures(all: bool) -> (Kept, Vec<String>) {
    let mut files: Vec<(String, Vec<u8>)> = vec![];
    let mut runs = runs();
    for (net, _) in sim::Net::builtin() {
        if all && runs.iter().all(|(known, _)| known != net) {
            let trace = Run::new(net, "-q 1 -w 1 server");
            runs.push((net, trace.by::<mytraceroute::Mytraceroute>()));
        }
    }
    for (number, (net, left)) in runs.into_iter().enumerate() {
        files.push((format!("{number}-{net}-host.pcapng"), left.host));
        files.extend(left.links.into_iter().map(|(link, bytes)| (format!("{number}-{net}-{link}.pcapng"), bytes)));
    }
    let borrowed: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let kept = Kept::new(&borrowed);
    (kept, files.into_iter().map(|(name, _)| name).collect())
}

/// What peel makes of each packet of a file, as words.
fn read(file: &Path, mut words: impl FnMut(&peel::capture::Record<'_>) -> String) -> Result<Vec<String>, Failed> {
    let mut capture = Capture::open(std::fs::File::open(file)?).map_err(|stop| format!("{stop:?}"))?;
    let mut all = vec![];
    while let Some(record) = capture.next_packet().map_err(|stop| format!("{}: {stop:?}", file.display()))? {
        all.push(words(&record).split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Ok(all)
}

fn names_comments_and_nanoseconds() -> Result<(), Failed> {
    let (kept, names) = captures(true);
    let (mut lost, mut dropped, mut sent, mut compared) = (0, 0, 0, 0);
    let mut counts = BTreeMap::new();
    // One look at each link of a kind is enough for tshark, which is slow to start.
    let is_bent = |name: &str| {
        !name.contains("hostile") && ["5-routers", "6-routers", "0-lan-host"].iter().any(|part| name.contains(part))
    };
    for name in names.iter().filter(|name| is_bent(name)) {
        let file = kept.path().join(name);
        let expected = fields(
            &file,
            &[
                "frame.number",
                "frame.time_epoch",
                "frame.interface_name",
                "frame.len",
                "frame.packet_flags_direction",
                "frame.comment",
            ],
        )?;
        let ours = read(&file, |record| {
            let packet = &record.packet;
            let time = packet.at.map(|at| Seconds(at.0, 9).to_string()).unwrap_or_default();
            let direction = match packet.direction {
                Some(Direction::In) => "0x00000001",
                Some(Direction::Out) => "0x00000002",
                None => "",
            };
            sent += usize::from(packet.direction == Some(Direction::Out));
            let comment = packet.comment.clone().unwrap_or_default();
            lost += usize::from(comment == "lost on the way");
            dropped += usize::from(comment == "dropped: the queue is full");
            let interface = record.interface.name.clone().unwrap_or_default();
            format!("{} {time} {interface} {} {direction} {comment}", record.number, packet.original_len)
        })?;
        if expected != ours {
            equal(&expected, &ours).map_err(|error| format!("{name}: {error:?}"))?;
        }
        compared += ours.len();
        counts.insert(name.clone(), ours.len());
    }
    println!("{compared} packets compared with tshark, in {} files", counts.len());
    for name in &names {
        counts.insert(name.clone(), read(&kept.path().join(name), |_| String::new())?.len());
    }
    let counted =
        Program::new("capinfos").words("-c -M -r -T").args(names.clone()).directory(&kept.path()).succeed()?;
    for (line, name) in counted.lines().zip(&names) {
        let ours = counts.get(name).copied().unwrap_or_default();
        if line != format!("{name}\t{ours}") {
            return Err(format!("capinfos counts {line}, and peel {ours}").into());
        }
    }
    println!("{} files counted by capinfos", counted.lines().count());
    if lost < 3 || dropped < 3 || sent < 10 {
        return Err(format!("only {lost} lost, {dropped} dropped, {sent} sent: the networks are too kind").into());
    }
    Ok(())
}

/// The words of a line that tshark has fields for: protocol and both ends.
fn line(packet: &Dissection<'_>) -> String {
    let ends = Ends::of(packet);
    let [from, to] = ends.addresses.map_or(["".into(), "".into()], |both| both.map(|one| one.to_string()));
    let ports = ends.ports.map(|[from, to]| format!("{from} {to}")).unwrap_or_default();
    let known = [(Protocol::Arp, "arp"), (Protocol::Icmp, "icmp"), (Protocol::Tcp, "tcp"), (Protocol::Udp, "udp")];
    let name = known.iter().find(|(protocol, _)| packet.layer(*protocol).is_some()).map_or("other", |(_, name)| name);
    format!("{name} {from} {to} {ports}")
}

/// All captures of hosts as one, so that tshark, which is slow to start, starts once.
fn addresses_and_protocols() -> Result<(), Failed> {
    let (kept, names) = captures(false);
    let hosts = names.iter().filter(|name| name.ends_with("-host.pcapng")).cloned();
    Program::new("mergecap").words("-a -w all.pcapng").args(hosts).directory(&kept.path()).succeed()?;
    let file = kept.path().join("all.pcapng");
    let expected = read_by_tshark(&file)?;
    let ours = read(&file, |record| line(&dissect(record.packet.bytes, wire::dissect::LinkType::Ethernet)))?;
    equal(&expected, &ours)?;
    // What users see has the same words.
    let shown = kept.peel("all.pcapng");
    for ((line, words), number) in shown.lines().skip(1).zip(&ours).zip(1..) {
        let mut said = line.replace([',', '?'], " ").split_whitespace().map(String::from).collect::<Vec<_>>();
        said.iter_mut().for_each(|word| *word = word.to_lowercase());
        let missing = words.split(' ').find(|word| *word != "other" && !said.iter().any(|one| one == word));
        // A probe has no sender to tell; an answer is for whoever asked.
        if let Some(word) = missing.filter(|_| !words.starts_with("arp")) {
            return Err(format!("packet {number} is {words}, and '{word}' is not in: {line}").into());
        }
    }
    Ok(())
}

/// The words of [`line`], as tshark has them.
fn read_by_tshark(file: &Path) -> Result<Vec<String>, Failed> {
    let wanted = [
        "frame.protocols",
        "arp.src.proto_ipv4",
        "arp.dst.proto_ipv4",
        "ip.src",
        "ip.dst",
        "tcp.srcport",
        "tcp.dstport",
        "udp.srcport",
        "udp.dstport",
    ];
    let first =
        Program::new("tshark").args(["-n", "-r", &file.to_string_lossy(), "-T", "fields", "-E", "occurrence=f"]);
    let read = first.args(wanted.iter().flat_map(|field| ["-e", field])).succeed()?;
    let words = read.lines().map(|line| {
        let mut cells = line.split('\t');
        let protocols = cells.next().unwrap_or_default();
        let mut after_ip = protocols.split(':').skip_while(|name| !["ip", "arp"].contains(name));
        let name = match (after_ip.next(), after_ip.next()) {
            (Some("arp"), _) => "arp",
            (_, Some(name @ ("icmp" | "tcp" | "udp"))) => name,
            _ => "other",
        };
        let mut rest: Vec<&str> = cells.collect();
        if name == "icmp" {
            // Ports are those of the packet that is quoted.
            rest.truncate(4);
        }
        format!("{name} {}", rest.join(" ")).split_whitespace().collect::<Vec<_>>().join(" ")
    });
    Ok(words.collect())
}

fn not_let_in() -> Result<(), Failed> {
    let run = Run { net: "routers", bent: &["drop icmp to client"], args: "-c 2 server" };
    let kept = Kept::new(&[("client.pcapng", &run.by::<myping::Myping>().host)]);
    let comments = fields(&kept.path().join("client.pcapng"), &["icmp.seq", "icmp.type", "frame.comment"])?;
    let comments: Vec<&str> = comments.iter().filter(|line| !line.is_empty()).map(String::as_str).collect();
    let dropped = "dropped here: a fault of this run";
    if comments != ["1 8", &format!("1 0 {dropped}"), "2 8", &format!("2 0 {dropped}")] {
        return Err(format!("{comments:?}").into());
    }
    Ok(())
}

fn filters() -> Result<(), Failed> {
    let (kept, names) = captures(false);
    let filters = [
        "arp",
        "not arp",
        "ip",
        "icmp",
        "tcp",
        "udp",
        "udp and not port 33434",
        "tcp and port 80",
        "dst port 80",
        "src port 80",
        "host 192.168.1.3",
        "src host 192.168.1.3",
        "dst host 192.168.10.3 and udp",
        "net 10.0.0.0/30",
        "net 192.168.0.0/16 and icmp",
        "src net 192.168.5.0/24",
        "( arp or icmp ) and not host 192.168.1.3",
        "not ( tcp or udp ) and ip",
        "arp and host 10.0.0.1",
    ];
    let mut passed = 0;
    for name in names.iter().filter(|name| name.ends_with("-host.pcapng")) {
        let file = kept.path().join(name).to_string_lossy().into_owned();
        for filter in filters {
            // As root it would become somebody who may not read the file.
            let theirs = Program::new("tcpdump").args(["-Z", "root", "-n", "-t", "-r", &file, filter]);
            let theirs = theirs.succeed()?.lines().filter(|line| !line.starts_with('\t')).count();
            let ours = kept.peel(&format!("{name} {filter}")).lines().count() - 2;
            if theirs != ours {
                return Err(format!("{name}: of '{filter}' tcpdump shows {theirs} packets and peel {ours}").into());
            }
            passed += ours;
        }
    }
    println!("{passed} packets compared with tcpdump");
    if passed == 0 { Err("no filter lets anything pass".into()) } else { Ok(()) }
}

fn other_formats() -> Result<(), Failed> {
    let kept = Kept::new(&[("ours.pcapng", &made::trace())]);
    let shown = |name: &str, args: &str| {
        kept.peel(&format!("{name} {args}")).split_once('\n').map(|(_, shown)| shown.to_string()).unwrap_or_default()
    };
    let editcap = |args: &str| Program::new("editcap").words(args).directory(&kept.path()).succeed();
    for format in ["pcap", "nsecpcap", "modpcap", "pcapng"] {
        editcap(&format!("-F {format} ours.pcapng {format}"))?;
        let (ours, theirs) = (shown("ours.pcapng", ""), shown(format, ""));
        if ours != theirs || ours.lines().count() != 13 {
            return Err(format!("of {format} peel shows\n{theirs}and of ours\n{ours}").into());
        }
    }
    // A part of each packet; tshark and peel agree on both lengths.
    editcap("-s 60 -F pcap ours.pcapng short")?;
    let lengths = fields(&kept.path().join("short"), &["frame.cap_len", "frame.len"])?;
    let ours = read(&kept.path().join("short"), |record| {
        format!("{} {}", record.packet.bytes.len(), record.packet.original_len)
    })?;
    equal(&lengths, &ours)?;
    let full = shown("short", "3");
    if !full.contains("packet 3: 60 of 74 bytes") || !full.contains("captured 60 of 74 bytes") {
        return Err(full.into());
    }
    Ok(())
}
