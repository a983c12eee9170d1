//! tshark reads what passed on both sides of the NAT, and finds each checksum right.

use needs::tshark::equal;
use needs::{Failed, Program, test};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    needs::tshark::need().run([
        test("one_datagram_is_the_same_on_both_sides_but_for_its_source", one_datagram),
        test("all_that_a_nat_is_asked_has_right_checksums_on_every_link", all_checksums),
    ])
}

fn nat_box(directory: &Path, args: &str) -> Result<(), Failed> {
    let program = Program::new(env!("CARGO_BIN_EXE_nat-box")).args(needs::document::words(args));
    program.directory(directory).succeed()?;
    Ok(())
}

fn one_datagram() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    nat_box(directory.path(), "ask --net nat --sport 8892 --pcap-all links --also \"host: nat-box serve\" host")?;
    let fields = [
        "ip.src",
        "udp.srcport",
        "ip.dst",
        "udp.dstport",
        "ip.ttl",
        "ip.checksum.status",
        "udp.checksum.status",
        "udp.length",
    ];
    for (link, out, back) in [
        ("lan-host2", "192.168.1.2 8892 55.11.22.33 3478 64", "55.11.22.33 3478 192.168.1.2 8892 62"),
        ("access", "44.11.5.17 7777 55.11.22.33 3478 63", "55.11.22.33 3478 44.11.5.17 7777 63"),
        ("far", "44.11.5.17 7777 55.11.22.33 3478 62", "55.11.22.33 3478 44.11.5.17 7777 64"),
    ] {
        let read = judge(&directory.path().join(format!("links/{link}.pcapng")), &fields)?;
        equal(&read, &[format!("{out} 1 1 28"), format!("{back} 1 1 52")])?;
    }
    Ok(())
}

fn all_checksums() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let call = "behave --net nat-behave --timer 20 --pcap-all links --also \"server: nat-box serve\" server";
    nat_box(directory.path(), call)?;
    for link in ["lan", "lan2", "access", "far", "far2"] {
        let fields = ["ip.checksum.status", "udp.checksum.status"];
        let read = judge(&directory.path().join(format!("links/{link}.pcapng")), &fields)?;
        // 1 is right, whatever there is: an error has two headers of each kind, and of fragments the last has UDP's checksum.
        let right: Vec<String> = read.iter().map(|line| line.replace(['0', '2', '3'], "1")).collect();
        equal(&read, &right)?;
    }
    Ok(())
}

/// What tshark reads of each IP packet; it looks at checksums only when it is told to.
fn judge(file: &Path, fields: &[&str]) -> Result<Vec<String>, Failed> {
    let file = file.to_string_lossy().into_owned();
    let checks = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-Y", "ip"];
    let fields = fields.iter().flat_map(|field| ["-e", field]);
    let program = Program::new("tshark").args(["-r", &file, "-n", "-T", "fields"]).args(checks).args(fields);
    let read = program.succeed()?;
    Ok(read.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect())
}
