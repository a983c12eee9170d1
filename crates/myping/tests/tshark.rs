//! tshark reads what `--pcap` and `--pcap-all` wrote, and finds each packet whole.

use needs::tshark::equal;
use needs::{Failed, Program, test};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    needs::tshark::need().run([
        test("capture_of_this_host_has_each_request_and_its_answer", capture_of_this_host),
        test("captures_of_all_links_show_the_ttl_go_down", captures_of_all_links),
    ])
}

fn capture_of_this_host() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    myping(directory.path(), "-c 2 --pcap client.pcapng 192.168.10.3")?;
    let read = tshark(&directory.path().join("client.pcapng"))?;
    // The first echo waits for the ARP answer; then sender, TTL, ICMP type and sequence number of each packet.
    let expected = [
        "arp",
        "arp",
        "192.168.1.3 100 8 1 1",
        "192.168.10.3 96 0 1 1",
        "192.168.1.3 100 8 2 1",
        "192.168.10.3 96 0 2 1",
    ];
    equal(&read, &expected)
}

fn captures_of_all_links() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    myping(directory.path(), "-c 1 --pcap-all links 192.168.10.3")?;
    for (link, there, back) in
        [("net1", 100, 96), ("net3", 99, 97), ("net5", 98, 98), ("r3-r4", 97, 99), ("net10", 96, 100)]
    {
        let read = tshark(&directory.path().join(format!("links/{link}.pcapng")))?;
        let echoes: Vec<String> = read.into_iter().filter(|line| line != "arp").collect();
        equal(&echoes, &[format!("192.168.1.3 {there} 8 1 1"), format!("192.168.10.3 {back} 0 1 1")])?;
    }
    Ok(())
}

fn myping(directory: &Path, args: &str) -> Result<(), Failed> {
    let program = Program::new(env!("CARGO_BIN_EXE_myping")).words("--net routers").words(args);
    program.directory(directory).succeed()?;
    Ok(())
}

/// A line for each packet: `arp`, or sender, TTL, ICMP type, sequence number, and 1 for a checksum that is right.
fn tshark(file: &Path) -> Result<Vec<String>, Failed> {
    let read = needs::tshark::fields(file, &["ip.src", "ip.ttl", "icmp.type", "icmp.seq", "icmp.checksum.status"])?;
    Ok(read.into_iter().map(|line| if line.is_empty() { "arp".into() } else { line }).collect())
}
