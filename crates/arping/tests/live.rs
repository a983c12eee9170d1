//! arping on real kernels in network namespaces, beside the arping of iputils: same calls, transcripts compared line by line; a
//! sweep beside arp-scan, and a watch of what iputils' arping announces.
//!
//! What we say otherwise (statistics of times, verdicts, nothing of a deadline's last moment) stands here with its reason.

use needs::transcript::{equal, untimed};
use needs::{Ended, Failed, Net, Program, PublicCopy, test};
use std::process::ExitCode;
use std::time::Duration;

const OURS: &str = env!("CARGO_BIN_EXE_arping");

/// What both say alike, but for our statistics of times.
const ALIKE: [(&str, &str); 8] = [
    ("neighbour_that_answers", "-c 2 -I net1 10.77.1.2"),
    ("end_at_the_first_answer", "-f -I net1 10.77.1.2"),
    ("asking_all_each_time", "-b -c 2 -I net1 10.77.1.2"),
    ("chosen_source", "-c 1 -s 10.77.1.7 -I net1 10.77.1.2"),
    ("interface_of_the_route", "-c 1 10.77.1.2"),
    ("silence", "-c 1 -I net1 10.77.1.9"),
    ("announcement_by_request", "-U -c 1 -I net1 10.77.1.1"),
    ("announcement_by_reply", "-A -c 1 -I net1 10.77.1.1"),
];

/// What iputils has no line for.
const STATISTICS: &str = "rtt min/avg/max/mdev = T ms";

fn main() -> ExitCode {
    let public = PublicCopy::of(OURS);
    let alike = ALIKE.map(|(what, args)| test(format!("{what}_reads_as_in_iputils"), move || alike(args)));
    let others = [
        test("change_from_all_to_one_is_said", change_to_unicast),
        test("taken_address_has_our_verdict_beside_iputils_lines", taken),
        test("free_address_has_our_verdict_beside_iputils_lines", free),
        test("quiet_run_still_has_its_summary", quiet),
        test("deadline_is_no_time_to_ask_again", deadline),
        test("wrong_interface_is_answered_with_those_there_are", wrong_interface),
        test("second_owner_of_an_address_is_reported", second_owner),
        test("of_two_who_probe_for_one_address_one_at_most_takes_it", two_probe),
        test("probes_leave_by_the_schedule_of_rfc_5227_and_name_no_sender", schedule),
        test("frames_are_those_of_rfc_826_and_rfc_5227", frames),
        test("sweep_of_253_that_answer_finds_whom_arp_scan_finds", || sweep(2..=254)),
        test("sweep_of_a_half_silent_link_finds_whom_arp_scan_finds", || sweep((2..=254).step_by(2))),
        test("sweep_marks_addresses_with_two_stations_ours_among_them", sweep_duplicates),
        test("watch_tells_what_our_table_knows_and_what_moves", watch),
        test("watch_ends_with_its_summary_at_ctrl_c", watch_interrupted),
        test("who_may_not_open_a_link_socket_is_told_what_it_takes", move || no_permission(&public?)),
    ];
    needs::live(&["arping", "arp-scan", "ping", "tcpdump", "setpriv"]).run(alike.into_iter().chain(others))
}

/// Two neighbours, the first of them with a second address.
fn neighbours() -> Result<Net, String> {
    let net = Net::row(&["a", "b"]).build()?;
    net.ip("a", "addr add 10.77.1.7/24 dev net1")?;
    Ok(net)
}

fn ours(net: &Net, args: &str) -> Result<Ended, String> {
    net.at("a", Program::new(OURS).words(args)).run()
}

fn iputils(net: &Net, args: &str) -> Result<Ended, String> {
    net.at("a", Program::new("arping").words(args)).run()
}

/// What we must say where iputils says this: the same, and then these lines.
fn same_and(ours: &Ended, iputils: &Ended, more: &[&str]) -> Result<(), Failed> {
    let mut expected = untimed(&iputils.stdout);
    expected.extend(more.iter().map(ToString::to_string));
    equal(&untimed(&ours.stdout), &expected)?;
    println!("{} lines compared with iputils", expected.len());
    if ours.code == iputils.code { Ok(()) } else { Err(format!("{ours}iputils: exit {}", iputils.code).into()) }
}

fn alike(args: &str) -> Result<(), Failed> {
    let net = neighbours()?;
    let (ours, iputils) = (ours(&net, args)?, iputils(&net, args)?);
    let answered = iputils.stdout.contains(" reply from ");
    same_and(&ours, &iputils, if answered { &[STATISTICS] } else { &[] })
}

/// iputils changes too, and leaves the reader to wonder why one of two owners is silent from then on.
fn change_to_unicast() -> Result<(), Failed> {
    let note = "note: from now on this station alone is asked, to spare the others; -b keeps asking all, and so hears a second owner\n";
    let net = neighbours()?;
    let asked = ours(&net, "-c 3 -i 0.1 10.77.1.2")?;
    equal(&[asked.stderr], &[note])?;
    equal(&[ours(&net, "-b -c 3 -i 0.1 10.77.1.2")?.stderr], &[""])
}

/// The verdict in words; iputils has it in its exit code only.
fn taken() -> Result<(), Failed> {
    let (net, args) = (neighbours()?, "-D -c 1 -I net1 10.77.1.2");
    let verdict = "10.77.1.2 is taken: 02:00:00:00:01:02 says that it has it";
    same_and(&ours(&net, args)?, &iputils(&net, args)?, &[verdict])
}

fn free() -> Result<(), Failed> {
    let (net, args) = (neighbours()?, "-D -c 1 -I net1 10.77.1.9");
    same_and(&ours(&net, args)?, &iputils(&net, args)?, &["10.77.1.9 is free: nobody objected"])
}

/// With `-q`, iputils' arping says nothing at all. We keep the figures, as its ping does.
fn quiet() -> Result<(), Failed> {
    let (net, args) = (neighbours()?, "-q -c 2 -I net1 10.77.1.2");
    let (ours, iputils) = (ours(&net, args)?, iputils(&net, args)?);
    same_and(&ours, &iputils, &["Sent 2 probes (1 broadcast(s))", "Received 2 response(s)", STATISTICS])
}

/// iputils asks once more in the moment in which the deadline ends the run, too late for an answer, and counts that.
fn deadline() -> Result<(), Failed> {
    let ours = ours(&neighbours()?, "-w 1 -I net1 10.77.1.9")?;
    equal(
        &untimed(&ours.stdout),
        &["ARPING 10.77.1.9 from 10.77.1.1 net1", "Sent 1 probes (1 broadcast(s))", "Received 0 response(s)"],
    )
}

/// Where iputils says no more than what is wrong. Both exit with 2.
fn wrong_interface() -> Result<(), Failed> {
    let net = neighbours()?;
    let down = "error: interface 'dark' is down\nhint: `ip link set dark up`\n";
    net.ip("a", "link add dark address 02:00:00:00:09:01 type veth peer name darker address 02:00:00:00:09:02")?;
    for (interface, said) in [
        ("eth9", "error: no interface named 'eth9'\nhint: interfaces are lo, net1, darker, dark\n"),
        (
            "lo",
            "error: interface 'lo' has no link-layer address, so there is no ARP on it\n\
             hint: those that have one: net1, darker, dark\n",
        ),
        ("dark", down),
    ] {
        let args = format!("-c 1 -I {interface} 10.77.1.2");
        let (ours, iputils) = (ours(&net, &args)?, iputils(&net, &args)?);
        equal(&[&*ours.stdout, &ours.stderr, &ours.code.to_string()], &["", said, &iputils.code.to_string()])?;
    }
    Ok(())
}

/// iputils shows two answers and leaves it to the reader to see that they are two stations'.
fn second_owner() -> Result<(), Failed> {
    let net = Net::lan(&["a", "b", "c"])?;
    for owner in ["b", "c"] {
        net.ip(owner, "addr add 10.77.0.9/24 dev lan")?;
    }
    let ended = ours(&net, "-c 1 10.77.0.9")?;
    // Which of the two is the first, the switch decides.
    let (first, second) = if ended.stdout.find("00:02]") < ended.stdout.find("00:03]") { (2, 3) } else { (3, 2) };
    equal(
        &untimed(&ended.stdout),
        &[
            "ARPING 10.77.0.9 from 10.77.0.1 lan",
            &format!("Unicast reply from 10.77.0.9 [02:00:00:00:00:0{first}]  T"),
            &format!("Unicast reply from 10.77.0.9 [02:00:00:00:00:0{second}]  T"),
            &format!(
                "duplicate address 10.77.0.9: 02:00:00:00:00:0{first} and 02:00:00:00:00:0{second} say that they have it"
            ),
            "Sent 1 probes (1 broadcast(s))",
            "Received 2 response(s)",
            STATISTICS,
        ],
    )
}

/// RFC 5227 section 2.1.1: a probe of another host for the same address is a conflict too. Who hears it first steps back.
fn two_probe() -> Result<(), Failed> {
    let net = Net::lan(&["a", "b"])?;
    let start = |node| net.at(node, Program::new(OURS).words("-D -I lan 10.77.0.9")).start();
    let (a, b) = (start("a")?, start("b")?);
    let (a, b) = (a.end()?, b.end()?);
    let told = |ended: &Ended, other| ended.stdout.contains(&format!("is taken: {other} probes for it too"));
    let (a_steps_back, b_steps_back) = (told(&a, "02:00:00:00:00:02"), told(&b, "02:00:00:00:00:01"));
    match (a.code, b.code) {
        (1, 0) if a_steps_back => Ok(()),
        (0, 1) if b_steps_back => Ok(()),
        (1, 1) if a_steps_back && b_steps_back => Ok(()),
        _ => Err(format!("a: {a}\nb: {b}").into()),
    }
}

/// A frame as tcpdump saw it at the neighbour: when, in seconds, and what.
struct Frame {
    at: f64,
    text: String,
}

/// What the neighbour hears of the run of a program at `a`: frames of `a` only.
fn heard(net: &Net, program: Program) -> Result<Vec<Frame>, Failed> {
    let capture = "-i net1 -n -e -tt -l --immediate-mode arp and ether src 02:00:00:00:01:01";
    let mut tcpdump = net.at("b", Program::new("tcpdump").words(capture)).start()?;
    tcpdump.wait_for("listening on")?;
    net.at("a", program).run()?;
    tcpdump.signal("INT")?;
    let frame = |line: &str| {
        let (at, text) = line.split_once(' ').ok_or("a line without a time")?;
        Ok(Frame { at: at.parse()?, text: text.replace("02:00:00:00:01:01", "US").replace("ff:ff:ff:ff:ff:ff", "ALL") })
    };
    tcpdump.end()?.stdout.lines().filter(|line| !line.is_empty()).map(frame).collect()
}

fn schedule() -> Result<(), Failed> {
    // Timers never end early; how late they may be on a busy machine, this much.
    const LATE: f64 = 0.3;
    let net = neighbours()?;
    let heard = heard(&net, Program::new(OURS).words("-D -I net1 10.77.1.9").limit(Duration::from_secs(12)))?;
    let probe = "US > ALL, ethertype ARP (0x0806), length 60: Request who-has 10.77.1.9 tell 0.0.0.0, length 46";
    let texts: Vec<&str> = heard.iter().map(|frame| frame.text.as_str()).collect();
    equal(&texts, &[probe; 3])?; // PROBE_NUM
    for gap in heard.windows(2).filter_map(|pair| Some(pair.last()?.at - pair.first()?.at)) {
        // PROBE_MIN and PROBE_MAX
        if !(1.0..=2.0 + LATE).contains(&gap) {
            return Err(format!("{gap} s from one probe to the next").into());
        }
    }
    println!("{} frames compared", heard.len());
    Ok(())
}

/// Ours have the 60 bytes of the shortest Ethernet frame; those of iputils have 42 and rely on the card to add the rest.
///
/// In a question RFC 826 leaves the target hardware address open. iputils writes there the station that it sends the frame to,
/// all ones at first; RFC 5227 section 1.1 has it "SHOULD be set to all zeroes" in a probe, as we have it in every question.
fn frames() -> Result<(), Failed> {
    let net = neighbours()?;
    let head = |to: &str| format!("US > {to}, ethertype ARP (0x0806), length 60: ");
    let question = |to: &str| head(to) + "Request who-has 10.77.1.2 tell 10.77.1.1, length 46";
    for (args, expected) in [
        ("-c 2 -i 0.1 10.77.1.2", vec![question("ALL"), question("02:00:00:00:01:02")]),
        ("-b -c 2 -i 0.1 10.77.1.2", vec![question("ALL"), question("ALL")]),
        ("-U -c 1 10.77.1.1", vec![head("ALL") + "Request who-has 10.77.1.1 tell 10.77.1.1, length 46"]),
        ("-A -c 1 10.77.1.1", vec![head("ALL") + "Reply 10.77.1.1 is-at US, length 46"]),
    ] {
        let texts: Vec<String> =
            heard(&net, Program::new(OURS).words(args))?.into_iter().map(|frame| frame.text).collect();
        equal(&texts, &expected)?;
        println!("{} frames compared", texts.len());
    }
    Ok(())
}

/// A neighbour with these hosts' addresses, swept by both. arp-scan shows no address of our own.
fn sweep(hosts: impl Iterator<Item = u8> + Clone) -> Result<(), Failed> {
    let net = Net::row(&["a", "b"]).build()?;
    net.add_hosts("b", "net1", 1, hosts.clone().filter(|host| *host != 2))?;
    let arp_scan = "-q -x -I net1 -r 2 -t 200 -B 10M 10.77.1.0/24";
    let theirs = net.at("a", Program::new("arp-scan").words(arp_scan)).succeed()?;
    let ended = ours(&net, "10.77.1.0/24")?;
    let pair = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let mut theirs: Vec<(Vec<u8>, String)> = theirs.lines().map(|line| (address(line), pair(line))).collect();
    theirs.sort();
    let theirs: Vec<String> = theirs.into_iter().map(|(_, pair)| pair).collect();
    let of_others = ended.stdout.lines().filter(|line| line.starts_with("10.77.1.") && !line.ends_with("ours"));
    equal(&of_others.map(pair).collect::<Vec<_>>(), &theirs)?;
    equal(&theirs, &hosts.map(|host| format!("10.77.1.{host} 02:00:00:00:01:02")).collect::<Vec<_>>())?;
    let took = ended.stdout.lines().find(|line| line.contains(" asked, ")).unwrap_or_default();
    println!("{} addresses compared with arp-scan: {took}", theirs.len());
    Ok(())
}

/// The numbers of the address that a line begins with, so that lines can be put in order.
fn address(line: &str) -> Vec<u8> {
    let address = line.split_whitespace().next().unwrap_or_default();
    address.split('.').filter_map(|number| number.parse().ok()).collect()
}

fn sweep_duplicates() -> Result<(), Failed> {
    let net = Net::lan(&["a", "b", "c", "d"])?;
    // Who has our address takes our questions for its own, and answers none but the probe, which has no sender.
    net.ip("c", "addr add 10.77.0.1/24 dev lan")?;
    net.ip("d", "addr add 10.77.0.2/24 dev lan")?;
    let ended = ours(&net, "10.77.0.0/29")?;
    let mut lines: Vec<String> = ended.stdout.lines().skip(1).take(5).map(|line| line.replace(" ms", "ms")).collect();
    lines.iter_mut().for_each(|line| *line = untimed(line).join(""));
    // Which of two answers first, the switch decides.
    lines.sort();
    equal(
        &lines,
        &[
            "10.77.0.1  02:00:00:00:00:01  ours  DUPLICATE",
            "10.77.0.1  02:00:00:00:00:03  T  DUPLICATE",
            "10.77.0.2  02:00:00:00:00:02  T  DUPLICATE",
            "10.77.0.2  02:00:00:00:00:04  T  DUPLICATE",
            "10.77.0.4  02:00:00:00:00:04  T",
        ],
    )
}

/// b is known to the kernel of a; c takes its address over, and b takes it back.
fn watch() -> Result<(), Failed> {
    let net = Net::lan(&["a", "b", "c"])?;
    net.at("a", Program::new("ping").words("-c 1 10.77.0.2")).succeed()?;
    net.ip("c", "addr add 10.77.0.2/24 dev lan")?;
    let mut watch = net.at("a", Program::new(OURS).words("--watch -c 2 -w 15 10.77.0.2")).start()?;
    watch.wait_for("says our ARP table")?;
    for node in ["c", "b"] {
        net.at(node, Program::new("arping").words("-U -c 1 -w 1 -I lan 10.77.0.2")).run()?;
    }
    let ended = watch.end()?;
    let untimed: Vec<&str> =
        ended.stdout.lines().map(|line| line.split_once(" s  ").map_or(line, |(_, line)| line)).collect();
    let (b, c) = ("02:00:00:00:00:02", "02:00:00:00:00:03");
    let expected = [
        "WATCHING lan as 10.77.0.1 [02:00:00:00:00:01], for 10.77.0.2 only".to_string(),
        format!("at the start  10.77.0.2 is at {b}, says our ARP table"),
        format!("10.77.0.2 MOVED from {b} to {c} (broadcast announcement); table: entry changed"),
        format!(
            "10.77.0.2 MOVED BACK from {c} to {b} (broadcast announcement); table: entry changed; flapping, 2 moves"
        ),
    ];
    equal(untimed.get(..4).unwrap_or(&untimed), &expected)?;
    if ended.code == 1 { Ok(()) } else { Err(ended.to_string().into()) }
}

fn watch_interrupted() -> Result<(), Failed> {
    let net = neighbours()?;
    let mut watch = net.at("a", Program::new(OURS).words("--watch")).start()?;
    watch.wait_for("WATCHING net1 as 10.77.1.1, 10.77.1.7 [02:00:00:00:01:01]")?;
    net.at("b", Program::new("arping").words("-c 1 -w 1 -I net1 10.77.1.9")).run()?;
    watch.signal("INT")?;
    let ended = watch.end()?;
    let told = "10.77.1.2 is at 02:00:00:00:01:02 (broadcast request for 10.77.1.9)\n";
    if ended.code == 0 && ended.stdout.contains(told) && ended.stdout.contains("\n1 ARP packet, 1 address, 0 moves") {
        Ok(())
    } else {
        Err(ended.to_string().into())
    }
}

fn no_permission(public: &PublicCopy) -> Result<(), Failed> {
    let ended = neighbours()?.at("a", Program::new(public.path()).words("-c 1 10.77.1.2").as_nobody()).run()?;
    let said = "error: cannot open a link socket: this needs CAP_NET_RAW\n\
                hint: run `just setcap arping`, or stay in the simulated network with `--net NAME` (`--net list` shows them)\n";
    equal(&[&*ended.stdout, &ended.stderr, &ended.code.to_string()], &["", said, "2"])
}
