//! myping on real kernels in network namespaces, beside the ping of iputils: same calls, transcripts compared line by line.
//!
//! What we say otherwise (percentiles, times of requests too short to carry one, answers that were still awaited) stands here
//! with its reason.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.2 r 10.77.2.1 ──net2── 10.77.2.2 s 10.77.3.1 ──net3── 10.77.3.2 b
//!                                    MTU 1400 for `narrow`
//! ```

use needs::transcript::{equal, untimed};
use needs::{Ended, Failed, Net, Program, PublicCopy, Row, Test, test};
use std::process::ExitCode;
use std::sync::Arc;

const OURS: &str = env!("CARGO_BIN_EXE_myping");

/// What both say alike, but for our percentiles. (`-M do` is `--df` for us.)
const ALIKE: [(&str, &str); 18] = [
    ("neighbour_that_answers", "-c 3 -i 0.2 10.77.1.2"),
    ("host_two_routers_away", "-c 3 -i 0.2 10.77.3.2"),
    ("host_itself", "-c 2 -i 0.2 10.77.1.1"),
    ("ttl_used_up_at_the_first_router", "-c 2 -i 0.2 -t 1 10.77.3.2"),
    ("ttl_used_up_at_the_second_router", "-c 1 -t 2 10.77.3.2"),
    ("silence_on_the_own_link", "-c 1 10.77.1.9"),
    ("silence_on_a_far_link", "-c 1 10.77.3.9"),
    ("network_that_the_router_does_not_know", "-c 2 -i 0.2 10.88.0.1"),
    ("network_that_the_router_forbids", "-c 2 -i 0.2 10.88.1.1"),
    ("network_that_the_router_calls_unreachable", "-c 1 10.88.2.1"),
    ("data_of_16_bytes", "-c 1 -s 16 10.77.3.2"),
    ("longest_packet_that_is_not_cut", "-c 1 -M do -s 1472 10.77.3.2"),
    ("packet_in_fragments", "-c 1 -s 4000 10.77.3.2"),
    ("pattern", "-c 1 -p ff00 10.77.3.2"),
    ("quiet_run", "-q -c 3 -i 0.2 10.77.3.2"),
    ("deadline", "-w 1 -i 0.3 10.77.3.2"),
    ("deadline_that_an_error_cuts_short", "-c 3 -w 5 10.77.1.9"),
    ("quiet_flood", "-q -f -c 2000 10.77.3.2"),
];

fn main() -> ExitCode {
    // A copy that cannot be made is told by the tests that need it.
    let public = PublicCopy::of(OURS).map(Arc::new);
    let for_everybody = |name: &str, body: fn(&PublicCopy) -> Result<(), Failed>| {
        let public = public.clone();
        test(name, move || body(&*public?))
    };
    let tests: Vec<Test> = ALIKE
        .map(|(what, args)| test(format!("{what}_reads_as_in_iputils"), move || alike(args)))
        .into_iter()
        .chain(PACES.map(|pace| test(format!("living_host_is_never_lost_with_flags_{pace}"), move || never_lost(pace))))
        .chain([
            test("requests_without_room_for_a_time_are_timed_all_the_same", short_data),
            test("packet_too_long_for_the_first_link_is_refused_at_once", too_long),
            test("packet_too_long_for_a_far_link_is_answered_with_its_mtu", narrow_link),
            test("flood_of_thousands_loses_nothing", flood),
            test("ctrl_c_tells_the_statistics", ctrl_c),
            test("answer_that_was_still_awaited_is_pending_and_not_lost", pending),
            for_everybody("anybody_whom_the_sysctl_lets_in_reads_what_root_reads", ping_sockets),
            for_everybody("anybody_reads_of_a_filter", ping_socket_and_filter),
            for_everybody("who_may_not_ping_is_told_what_it_takes", no_permission),
            for_everybody("who_is_not_root_may_not_flood", no_flood),
        ])
        .collect();
    needs::live(&["ping", "setpriv"]).run(tests)
}

fn row() -> Row {
    Net::row(&["a", "r", "s", "b"])
}

/// The row, with networks that its first router refuses in different ways.
fn net(row: Row) -> Result<Net, String> {
    let net = row.build()?;
    net.ip("r", "route add prohibit 10.88.1.0/24")?;
    net.ip("r", "route add unreachable 10.88.2.0/24")?;
    net.ip("r", "route add blackhole 10.88.3.0/24")?;
    Ok(net)
}

fn ours(args: &str) -> Program {
    Program::new(OURS).words(args)
}

fn iputils(args: &str) -> Program {
    Program::new("ping").words(args)
}

/// Whether we say what iputils says, and our percentiles; both programs run at node `a`.
fn same(net: &Net, ours: Program, iputils: Program) -> Result<Ended, Failed> {
    let (iputils, ours) = (net.at("a", iputils).run()?, net.at("a", ours).run()?);
    same_end(&ours, &iputils)?;
    Ok(ours)
}

/// Without times, and without how many requests were on their way at once, which in a flood is how busy the machine was.
fn unhurried(text: &str) -> Vec<String> {
    let steady = |line: String| match line.split_once(", pipe ") {
        Some((before, rest)) => before.to_string() + rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => line,
    };
    untimed(text).into_iter().map(steady).collect()
}

fn same_end(ours: &Ended, iputils: &Ended) -> Result<(), Failed> {
    let mut expected = unhurried(&iputils.stdout);
    if iputils.stdout.contains("rtt min/avg/max/mdev") {
        expected.push("rtt p50/p95/p99 = T ms".into());
    }
    equal(&unhurried(&ours.stdout), &expected)?;
    println!("{} lines compared with iputils", expected.len());
    if ours.code == iputils.code { Ok(()) } else { Err(format!("{ours}iputils: exit {}", iputils.code).into()) }
}

fn alike(args: &str) -> Result<(), Failed> {
    same(&net(row())?, ours(&args.replace("-M do", "--df")), iputils(args)).map(drop)
}

/// Where iputils has no room for its 16 bytes of time it tells none; we know when each request left without the answer's help.
fn short_data() -> Result<(), Failed> {
    let net = net(row())?;
    for size in [0, 1, 8, 15] {
        let args = format!("-c 1 -s {size} 10.77.3.2");
        let (ours, iputils) = (net.at("a", ours(&args)).run()?, net.at("a", iputils(&args)).run()?);
        let mut expected = untimed(&iputils.stdout);
        if let Some(reply) = expected.get_mut(1) {
            reply.push_str(" time=T ms");
        }
        if expected.pop_if(|line| line.is_empty()).is_none() {
            return Err(format!("iputils tells times of {size} bytes: {iputils}").into());
        }
        expected.extend(["rtt min/avg/max/mdev = T ms".into(), "rtt p50/p95/p99 = T ms".into()]);
        equal(&untimed(&ours.stdout), &expected)?;
        println!("{} lines compared with iputils", expected.len());
    }
    Ok(())
}

/// iputils has the line on standard error; for us it is a result, and beside it stands which size fits. iputils then waits a
/// second for an answer to a request that never left; we do not.
fn too_long() -> Result<(), Failed> {
    let net = net(row())?;
    let iputils = net.at("a", iputils("-c 2 -i 0.2 -M do -s 1473 10.77.3.2")).run()?;
    let ours = net.at("a", ours("-c 2 -i 0.2 --df -s 1473 10.77.3.2")).run()?;
    let mut expected = untimed(&iputils.stdout);
    let errors = iputils.stderr.lines().map(|line| format!("my{line}"));
    expected.splice(1..1, errors);
    equal(&untimed(&ours.stdout), &expected)?;
    let note = "note: the first link takes 1500 bytes at once, headers included: -s 1472 fits\n";
    equal(&[&*ours.stderr, &ours.code.to_string()], &[note, &iputils.code.to_string()])?;
    println!("{} lines compared with iputils", expected.len());
    Ok(())
}

/// Of the first request the router says what its next link takes; of the second our own kernel, which has learnt it.
fn narrow_link() -> Result<(), Failed> {
    let first = "-c 1 --df -s 1400 10.77.3.2";
    let narrow = || net(row().mtu(2, 1400));
    let iputils = narrow()?.at("a", iputils(&first.replace("--df", "-M do"))).run()?;
    let net = narrow()?;
    let told = net.at("a", ours(first)).run()?;
    same_end(&told, &iputils)?;
    let note = "note: the next link of 10.77.1.2 takes 1400 bytes, and a request has 1428 that must not be cut (DF): \
                -s 1372 fits (type 3 code 4: RFC 1191 section 4)\n";
    equal(&[told.stderr], &[note])?;
    let learnt = net.at("a", ours(first)).run()?;
    equal(&[learnt.stdout.lines().nth(1).unwrap_or_default()], &["myping: local error: message too long, mtu=1400"])?;
    let note = "note: this host has heard of a link on the way that takes 1400 bytes, headers included, and sends nothing \
                longer that must not be cut (DF): -s 1372 fits\n";
    equal(&[learnt.stderr], &[note])?;
    let cut = net.at("a", ours("-v -c 1 -s 1480 10.77.3.2")).run()?;
    let notes = "note: each request of 1508 bytes leaves as 2 fragments: 1500 bytes at offset 0, 28 bytes at offset 1480 \
                 (smaller ones if this host has heard of a narrower link on the way)\n\
                 note: 10.77.3.2 answered with a packet of 1508 bytes: it came in fragments, and this host put them together\n";
    equal(&[cut.stderr], &[notes])?;
    equal(&[net.at("a", ours("-q -c 1 --df -s 1372 10.77.3.2")).run()?.code.to_string()], &["0"])
}

fn flood() -> Result<(), Failed> {
    let net = net(row())?;
    for args in ["-f -c 2000 10.77.3.2", "-i 0 -s 1472 -c 2000 10.77.3.2", "-f -W 0.000001 -c 2000 10.77.1.2"] {
        nothing_is_lost(&net, ours(args))?;
    }
    Ok(())
}

fn ctrl_c() -> Result<(), Failed> {
    let net = net(row())?;
    for (target, sign) in [("10.77.3.2", "icmp_seq=1 ttl=62"), ("10.88.1.1", "icmp_seq=1 Packet filtered")] {
        let interrupted = |program: Program| -> Result<Ended, String> {
            let mut running = net.at("a", program).start()?;
            running.wait_for(sign)?;
            running.signal("INT")?;
            running.end()
        };
        let args = format!("-i 10 {target}");
        let (ours, iputils) = (interrupted(ours(&args))?, interrupted(iputils(&args))?);
        same_end(&ours, &iputils)?;
    }
    Ok(())
}

/// iputils calls a request lost whose answer could still come: it would say "100% packet loss" after a tenth of a second.
fn pending() -> Result<(), Failed> {
    let ended = net(row())?.at("a", ours("-w 0.1 10.88.3.1")).run()?;
    equal(
        &untimed(&ended.stdout),
        &[
            "PING 10.88.3.1 (10.88.3.1) 56(84) bytes of data.",
            "",
            "--- 10.88.3.1 ping statistics ---",
            "1 packets transmitted, 0 received, +1 pending, 0% packet loss, time T",
            "",
        ],
    )?;
    equal(&[ended.code.to_string()], &["1"])
}

/// How often requests leave; then each of these, and each end of a run.
const PACES: [&str; 4] = ["-f", "-i 0", "-i 0.002", "-i 0.01"];
const WAITS: [&str; 4] = ["", "-W 0", "-W 0.001", "-W 1"];
const SIZES: [&str; 3] = ["-s 0", "-s 56", "-s 1472"];
const SHOWN: [&str; 2] = ["", "-q"];
const ENDS: [&str; 4] = ["-c 1", "-c 20", "-w 0.05", "-c 5 -w 1"];

fn never_lost(pace: &str) -> Result<(), Failed> {
    let net = net(row())?;
    for wait in WAITS {
        for size in SIZES {
            for shown in SHOWN {
                for end in ENDS {
                    nothing_is_lost(&net, ours(&format!("{pace} {wait} {size} {shown} {end} 10.77.3.2")))?;
                }
            }
        }
        nothing_is_lost(&net, ours(&format!("{pace} {wait} -c 100 10.77.3.2")))?;
    }
    nothing_is_lost(&net, ours(&format!("{pace} -w 1 10.77.3.2")))
}

fn nothing_is_lost(net: &Net, program: Program) -> Result<(), Failed> {
    let called = program.to_string();
    let ended = net.at("a", program).run()?;
    match ended.stdout.contains(", 0% packet loss") && ended.code == 0 {
        true => Ok(()),
        false => Err(format!("{called}: {ended}").into()),
    }
}

fn ping_sockets(public: &PublicCopy) -> Result<(), Failed> {
    let net = net(row().ping_sockets("a"))?;
    for args in ["-c 3 -i 0.2 10.77.3.2", "-c 1 -t 1 10.77.3.2", "-c 1 10.77.1.9", "-c 1 -s 4000 10.77.3.2"] {
        let ours = Program::new(public.path()).words(args).as_nobody();
        same(&net, ours, iputils(args).as_nobody())?;
    }
    nothing_is_lost(&net, Program::new(public.path()).words("-i 0.002 -W 0.001 -c 200 10.77.3.2").as_nobody())
}

/// A namespace of its own: how soon Linux tells of a forbidden route again depends on what else it told the same host.
fn ping_socket_and_filter(public: &PublicCopy) -> Result<(), Failed> {
    let net = net(row().ping_sockets("a"))?;
    let filtered = net.at("a", Program::new(public.path()).words("-c 1 10.88.1.1").as_nobody()).run()?;
    equal(&[filtered.stdout.lines().nth(1).unwrap_or_default()], &["From 10.77.1.2 icmp_seq=1 Packet filtered"])
}

fn no_permission(public: &PublicCopy) -> Result<(), Failed> {
    let said = "error: cannot open a ping socket: this needs CAP_NET_RAW, or group 65534 within the sysctl \
                net.ipv4.ping_group_range: that is 1 0, which is nobody; '0 2147483647' would let all in\n\
                hint: run `just setcap myping`, or stay in the simulated network with `--net NAME` (`--net list` shows them)\n";
    refused(public, "-c 1 10.77.3.2", said)
}

fn no_flood(public: &PublicCopy) -> Result<(), Failed> {
    let hint = "hint: `-i 0.002` is allowed; in a simulated network, with `--net NAME`, any interval is\n";
    let interval = "error: -i takes seconds from 0.002 for all but root, and '0.001' is less: it would be a flood\n";
    refused(public, "-i 0.001 -c 1 10.77.3.2", &format!("{interval}{hint}"))?;
    let flood = "error: -f floods, which is for root; others may send every 0.002 seconds\n";
    refused(public, "-f -c 1 10.77.3.2", &format!("{flood}{hint}"))
}

/// Nobody is told this, and nothing else; exit 2.
fn refused(public: &PublicCopy, args: &str, said: &str) -> Result<(), Failed> {
    let program = Program::new(public.path()).words(args).as_nobody();
    let ended = net(row())?.at("a", program).run()?;
    equal(&[&*ended.stdout, &ended.stderr, &ended.code.to_string()], &["", said, "2"])
}
