//! The same scenario through ours and through the kernel's masquerade: what is on the two links is the same, but for drawn ports.

use crate::{OURS, with};
use needs::nats::Nat;
use needs::{Failed, Program};
use std::collections::BTreeSet;
use std::path::Path;

/// What tshark tells of each packet; of ports only that of the server is nobody's choice.
const FIELDS: [&str; 14] = [
    "ip.src",
    "ip.dst",
    "ip.dsfield.dscp",
    "ip.flags.df",
    "ip.frag_offset",
    "ip.ttl",
    "ip.proto",
    "ip.checksum.status",
    "udp.length",
    "icmp.type",
    "icmp.code",
    "tcp.flags",
    "tcp.len",
    "tcp.options.mss_val",
];

pub(crate) fn alike() -> Result<(), Failed> {
    let kernels = scenario(Nat::Kernels("masquerade"))?;
    for ours in [Nat::Taps, Nat::Interfaces] {
        for (link, (ours, kernels)) in ["inside", "outside"].iter().zip(scenario(ours)?.iter().zip(&kernels)) {
            if ours != kernels {
                let (more, less) = (ours.difference(kernels), kernels.difference(ours));
                return Err(format!("{link}, ours alone: {more:#?}, the kernel's alone: {less:#?}").into());
            }
        }
    }
    let packets: usize = kernels.iter().map(BTreeSet::len).sum();
    println!("{packets} kinds of packets compared with the kernel's masquerade, twice");
    if packets > 20 { Ok(()) } else { Err(format!("no more than {packets} kinds of packets").into()) }
}

/// The kinds of packets inside and outside.
fn scenario(nat: Nat) -> Result<[BTreeSet<String>; 2], Failed> {
    let place = with(nat, "")?;
    let directory = tempfile::tempdir()?;
    let files = ["inside", "outside"].map(|name| directory.path().join(name));
    let mut captures = vec![];
    for (host, interface, file) in [("a", "net1", &files[0]), ("b", "net2", &files[1])] {
        let words = format!("-Z root --immediate-mode -U -i {interface} -w {} ip", file.display());
        let mut capture = place.net.at(host, Program::new("tcpdump").words(&words)).start()?;
        capture.wait_for("listening on")?;
        captures.push(capture);
    }

    place.at("a", "ping", "-c 2 -i 0.05 10.77.2.2")?;
    place.at("a", "ping", "-c 1 -s 3000 10.77.2.2")?;
    place.at("a", "ping", "-c 1 -W 1 -t 1 10.77.2.2")?;
    place.at("a", "ping", "-c 1 -W 1 -M do -s 1472 10.77.2.2")?;
    let mut server = place.net.at("b", Program::new(OURS).words("serve --address 10.77.2.2")).start()?;
    server.wait_for("STUN at")?;
    place.at("a", OURS, "ask 10.77.2.2")?;
    // Nobody is there, and the host outside says so.
    place.at("a", OURS, "ask -W 0.1 10.77.2.2:9")?;
    let mut sink = place.net.at("b", Program::new("socat").words("-d -d -u TCP-LISTEN:80 OPEN:/dev/null")).start()?;
    sink.wait_for("listening on")?;
    place.net.at("a", Program::new("socat").words("-u OPEN:/proc/version TCP:10.77.2.2:80")).succeed()?;
    sink.end()?;

    for capture in captures {
        capture.signal("INT")?;
        capture.end()?;
    }
    Ok([kinds(&files[0])?, kinds(&files[1])?])
}

fn kinds(file: &Path) -> Result<BTreeSet<String>, Failed> {
    let fields = FIELDS.iter().flat_map(|field| ["-e", field]);
    let read =
        ["-r", &file.to_string_lossy(), "-n", "-o", "ip.check_checksum:TRUE", "-T", "fields", "-E", "separator=,"];
    let text = Program::new("tshark").args(read).args(fields).succeed()?;
    Ok(text.lines().map(String::from).collect())
}
