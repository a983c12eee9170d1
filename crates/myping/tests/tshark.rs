//! tshark reads what `--pcap` and `--pcap-all` wrote, and finds each packet whole.
//!
//! Needs the program `tshark`. Without it the test is ignored and says so in its name, unless `FIRSTHOP_REQUIRE` (names with
//! commas between them) has `tshark`: then it fails.

use assert_cmd::Command;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;

type Test = fn() -> Result<(), Failed>;

const TESTS: [(&str, Test); 2] = [
    ("capture_of_this_host_has_each_request_and_its_answer", capture_of_this_host),
    ("captures_of_all_links_show_the_ttl_go_down", captures_of_all_links),
];

fn main() -> ExitCode {
    let required = std::env::var("FIRSTHOP_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name == "tshark"));
    let missing = Command::new("tshark").arg("--version").output().err();
    let trials = TESTS.map(|(name, test)| match &missing {
        Some(error) if !required => {
            Trial::test(format!("{name} (ignored: tshark does not start: {error})"), || Ok(())).with_ignored_flag(true)
        }
        _ => Trial::test(name, test),
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

fn capture_of_this_host() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    myping(directory.path(), &["-c", "2", "--pcap", "client.pcapng", "192.168.10.3"])?;
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
    myping(directory.path(), &["-c", "1", "--pcap-all", "links", "192.168.10.3"])?;
    for (link, there, back) in
        [("net1", 100, 96), ("net3", 99, 97), ("net5", 98, 98), ("r3-r4", 97, 99), ("net10", 96, 100)]
    {
        let read = tshark(&directory.path().join(format!("links/{link}.pcapng")))?;
        let echoes: Vec<String> = read.into_iter().filter(|line| line != "arp").collect();
        equal(&echoes, &[&format!("192.168.1.3 {there} 8 1 1"), &format!("192.168.10.3 {back} 0 1 1")])?;
    }
    Ok(())
}

fn myping(directory: &Path, args: &[&str]) -> Result<(), Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myping"));
    let output = command.env_clear().current_dir(directory).args(["--net", "routers"]).args(args).output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned().into()) }
}

/// A line for each packet: `arp`, or sender, TTL, ICMP type, sequence number, and 1 for a checksum that is right.
fn tshark(file: &Path) -> Result<Vec<String>, Failed> {
    let fields = ["ip.src", "ip.ttl", "icmp.type", "icmp.seq", "icmp.checksum.status"];
    let mut command = Command::new("tshark");
    command.arg("-r").arg(file).args(["-n", "-T", "fields"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let output = command.output()?;
    let line = |line: &str| match line.split_whitespace().collect::<Vec<_>>().join(" ") {
        nothing if nothing.is_empty() => "arp".to_string(),
        fields => fields,
    };
    Ok(String::from_utf8(output.stdout)?.lines().map(line).collect())
}

fn equal(read: &[String], expected: &[&str]) -> Result<(), Failed> {
    if read == expected {
        println!("{} packets compared", read.len());
        return Ok(());
    }
    Err(format!("tshark reads {read:#?}, and {expected:#?} was expected").into())
}
