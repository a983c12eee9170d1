//! tshark reads what `--pcap` and `--pcap-all` wrote, and finds each packet whole.
//!
//! Needs the program `tshark`. Without it the test is ignored and says so in its name, unless `FIRSTHOP_REQUIRE` (names with
//! commas between them) has `tshark`: then it fails.

use assert_cmd::Command;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;

type Test = fn() -> Result<(), Failed>;

const TESTS: [(&str, Test); 3] = [
    ("question_is_for_all_and_later_ones_for_who_answered", question_and_answer),
    ("probes_have_no_sender_and_announcements_name_themselves", probes_and_announcements),
    ("switch_floods_the_broadcast_and_nothing_else", what_others_hear),
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

const ALL: &str = "ff:ff:ff:ff:ff:ff";

fn question_and_answer() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    arping(directory.path(), "-c 2 --pcap host2.pcapng host5")?;
    let answer = "02:00:00:00:00:aa 2 10.0.0.5 02:00:00:00:00:dd 10.0.0.2 02:00:00:00:00:aa";
    let question = |to| format!("{to} 1 10.0.0.2 02:00:00:00:00:aa 10.0.0.5 00:00:00:00:00:00");
    equal(
        &tshark(&directory.path().join("host2.pcapng"))?,
        &[question(ALL), answer.into(), question("02:00:00:00:00:dd"), answer.into()],
    )
}

fn probes_and_announcements() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    for (option, target, expected) in [
        ("-D", "10.0.0.9", "1 0.0.0.0 02:00:00:00:00:aa 10.0.0.9 00:00:00:00:00:00"),
        ("-U", "10.0.0.2", "1 10.0.0.2 02:00:00:00:00:aa 10.0.0.2 00:00:00:00:00:00"),
        ("-A", "10.0.0.2", "2 10.0.0.2 02:00:00:00:00:aa 10.0.0.2 02:00:00:00:00:aa"),
    ] {
        arping(directory.path(), &format!("{option} -c 2 --pcap host2.pcapng {target}"))?;
        let expected = format!("{ALL} {expected}");
        equal(&tshark(&directory.path().join("host2.pcapng"))?, &[expected.clone(), expected])?;
    }
    Ok(())
}

fn what_others_hear() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    arping(directory.path(), "-c 3 --pcap-all links host5")?;
    let heard = tshark(&directory.path().join("links/lan-host3.pcapng"))?;
    equal(&heard, &[format!("{ALL} 1 10.0.0.2 02:00:00:00:00:aa 10.0.0.5 00:00:00:00:00:00")])
}

fn arping(directory: &Path, args: &str) -> Result<(), Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arping"));
    command.env_clear().current_dir(directory).args(["--net", "lan"]).args(args.split(' '));
    let output = command.output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned().into()) }
}

/// A line for each packet: where the frame goes, then operation, sender and target of the ARP packet.
fn tshark(file: &Path) -> Result<Vec<String>, Failed> {
    let fields =
        ["eth.dst", "arp.opcode", "arp.src.proto_ipv4", "arp.src.hw_mac", "arp.dst.proto_ipv4", "arp.dst.hw_mac"];
    let mut command = Command::new("tshark");
    command.arg("-r").arg(file).args(["-n", "-T", "fields"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let output = command.output()?;
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(String::from_utf8(output.stdout)?.lines().map(line).collect())
}

fn equal(read: &[String], expected: &[String]) -> Result<(), Failed> {
    if read == expected {
        println!("{} packets compared", read.len());
        return Ok(());
    }
    Err(format!("tshark reads {read:#?}, and {expected:#?} was expected").into())
}
