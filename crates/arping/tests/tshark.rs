//! tshark reads what `--pcap` and `--pcap-all` wrote, and finds each packet whole.

use needs::tshark::equal;
use needs::{Failed, Program, test};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    needs::tshark::need().run([
        test("question_is_for_all_and_later_ones_for_who_answered", question_and_answer),
        test("probes_have_no_sender_and_announcements_name_themselves", probes_and_announcements),
        test("sweep_asks_all_for_each_address_and_probes_for_our_own", sweep),
        test("switch_floods_the_broadcast_and_nothing_else", what_others_hear),
    ])
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

fn sweep() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    arping(directory.path(), "--pcap host2.pcapng 10.0.0.0/30")?;
    let question = |host| format!("{ALL} 1 10.0.0.2 02:00:00:00:00:aa 10.0.0.{host} 00:00:00:00:00:00");
    let answer =
        |host, mac| format!("02:00:00:00:00:aa 2 10.0.0.{host} 02:00:00:00:00:{mac} 10.0.0.2 02:00:00:00:00:aa");
    let probe = format!("{ALL} 1 0.0.0.0 02:00:00:00:00:aa 10.0.0.2 00:00:00:00:00:00");
    equal(
        &tshark(&directory.path().join("host2.pcapng"))?,
        &[question(1), probe, question(3), answer(1, "ff"), answer(3, "bb")],
    )
}

fn what_others_hear() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    arping(directory.path(), "-c 3 --pcap-all links host5")?;
    let heard = tshark(&directory.path().join("links/lan-host3.pcapng"))?;
    equal(&heard, &[format!("{ALL} 1 10.0.0.2 02:00:00:00:00:aa 10.0.0.5 00:00:00:00:00:00")])
}

fn arping(directory: &Path, args: &str) -> Result<(), Failed> {
    let program = Program::new(env!("CARGO_BIN_EXE_arping")).words("--net lan").words(args);
    program.directory(directory).succeed()?;
    Ok(())
}

/// A line for each packet: where the frame goes, then operation, sender and target of the ARP packet.
fn tshark(file: &Path) -> Result<Vec<String>, Failed> {
    let fields =
        ["eth.dst", "arp.opcode", "arp.src.proto_ipv4", "arp.src.hw_mac", "arp.dst.proto_ipv4", "arp.dst.hw_mac"];
    needs::tshark::fields(file, &fields)
}
