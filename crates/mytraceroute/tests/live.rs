//! mytraceroute on real kernels in network namespaces, beside traceroute, mtr and tracepath.
//!
//! ```text
//!  a ──net1── r ──net2── s ──net3── t ──net4── u ──net5── b        10.77.N.1 and .2 on link N; four routers from a to b
//! ```
//!
//! Linux answers each host with six ICMP errors at once and then one a second, unless it is told not to. With that limit, traceroute
//! prints 16 to 20 hops for this way of five.

use needs::transcript::equal;
use needs::{Ended, Failed, Net, Program, PublicCopy, Row, Test, test};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

const OURS: &str = env!("CARGO_BIN_EXE_mytraceroute");
const TARGET: &str = "10.77.5.2";

/// What both print alike but for the times, where no limit is in the way.
const ALIKE: [(&str, &str); 9] = [
    ("udp_probes", "10.77.5.2"),
    ("icmp_probes", "-I 10.77.5.2"),
    ("tcp_probes", "-T -p 9 10.77.5.2"),
    ("one_probe_a_hop", "-q 1 10.77.5.2"),
    ("way_that_is_cut_short", "-m 3 10.77.5.2"),
    ("later_first_hop", "-f 3 10.77.5.2"),
    ("router_without_a_route", "10.88.0.1"),
    ("router_that_forbids", "10.88.1.1"),
    ("router_that_asks_in_vain_by_arp", "10.77.5.9"),
];

fn main() -> ExitCode {
    // A copy that cannot be made is told by the tests that need it.
    let public = PublicCopy::of(OURS).map(Arc::new);
    let for_everybody = |name: &str, body: fn(&PublicCopy) -> Result<(), Failed>| {
        let public = public.clone();
        test(name, move || body(&*public?))
    };
    let tests: Vec<Test> = ALIKE
        .map(|(what, args)| test(format!("{what}_show_the_hops_of_traceroute"), move || alike(args)))
        .into_iter()
        .chain((1..=REPEATERS).map(|n| {
            test(format!("stock_limit_of_errors_changes_no_hop_however_often_{n}_of_{REPEATERS}"), move || repeated(n))
        }))
        .chain([
            test("mtr_reports_the_hops_that_we_show", mtr),
            test("path_mtu_is_the_one_that_tracepath_finds", path_mtu),
            test("black_hole_is_found_although_nobody_tells", black_hole),
            test("silent_target_is_given_up", silent_target),
            test("probes_of_two_tracers_are_told_apart", two_tracers),
            test("flood_of_crafted_errors_stops_nothing", crafted),
            test("ctrl_c_tells_what_is_known", ctrl_c),
            for_everybody("anybody_may_trace_by_echoes_where_ping_sockets_are_allowed", ping_sockets),
            for_everybody("anybody_may_trace_by_udp_and_is_told_that_each_probe_is_a_flow", udp_sockets),
            for_everybody("stock_limit_of_errors_changes_no_hop_for_anybody", repeated_by_anybody),
            test("second_measurement_of_a_path_mtu_is_the_first", path_mtu_again),
            test("checksums_left_to_a_card_are_no_damage", offloaded),
            for_everybody("who_may_not_send_syns_is_told_what_it_takes", no_permission),
        ])
        .collect();
    needs::live(&["traceroute", "tracepath", "mtr", "setpriv", "python3", "ethtool"]).run(tests)
}

fn row() -> Row {
    Net::row(&["a", "r", "s", "t", "u", "b"])
}

/// The row, with networks that its third router refuses in two ways.
fn net(row: Row) -> Result<Net, String> {
    let net = row.build()?;
    for node in ["r", "s"] {
        let next = if node == "r" { "10.77.2.2" } else { "10.77.3.2" };
        net.ip(node, &format!("route add 10.88.0.0/16 via {next}"))?;
    }
    net.ip("t", "route add prohibit 10.88.1.0/24")?;
    Ok(net)
}

fn ours(args: &str) -> Program {
    Program::new(OURS).words(args)
}

/// Of each line that begins with a number: the number, the addresses and the marks, each once; a star only if nobody answered.
fn hops(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let number: u8 = words.next()?.parse().ok()?;
        let mut told: BTreeSet<&str> = words.filter(|word| *word != "ms" && word.parse::<f64>().is_err()).collect();
        if told.len() > 1 {
            told.remove("*");
        }
        Some(format!("{number} {}", told.into_iter().collect::<Vec<_>>().join(" ")))
    });
    lines.collect()
}

/// Each in a net of its own: of a route that is forbidden or missing Linux tells five times at once, whatever its other limits.
fn alike(args: &str) -> Result<(), Failed> {
    let expected = hops(&net(row())?.at("a", Program::new("traceroute").words("-n").words(args)).run()?.stdout);
    let ended = net(row())?.at("a", ours("-w 5").words(args)).run()?;
    if expected.is_empty() {
        return Err("traceroute shows no hops".into());
    }
    equal(&hops(&ended.stdout), &expected)?;
    println!("{} hops compared with traceroute", expected.len());
    Ok(())
}

/// How many nets there are, each with its own budget of errors, so that the seconds pass at the same time.
const REPEATERS: u32 = 5;
const REPEATS: u32 = 10;

fn repeated(n: u32) -> Result<(), Failed> {
    let net = net(row().rate_limited())?;
    let args = ["", "-q 1", "", "-I", "-T"].get(n as usize - 1).copied().unwrap_or_default();
    let expected = ["10.77.1.2", "10.77.2.2", "10.77.3.2", "10.77.4.2", TARGET];
    for run in 1..=REPEATS {
        let ended = net.at("a", ours(args).words(TARGET)).run()?;
        let addresses: Vec<String> = hops(&ended.stdout)
            .iter()
            .filter_map(|hop| hop.split(' ').find(|word| word.starts_with("10.")).map(ToString::to_string))
            .collect();
        equal(&addresses, &expected)
            .map_err(|difference| Failed::from(format!("run {run}: {difference:?}\n{ended}")))?;
        if hops(&ended.stdout).len() != 5 || ended.code != 0 {
            return Err(format!("run {run}: {ended}").into());
        }
    }
    println!("{REPEATS} of {REPEATS} runs with the right hops");
    if n == 1 {
        for peer in ["traceroute -n -q1", "traceroute -n"] {
            let (program, args) = peer.split_once(' ').unwrap_or((peer, ""));
            let shown = hops(&net.at("a", Program::new(program).words(args).words(TARGET)).run()?.stdout);
            println!("{peer} shows {} hops then", shown.len());
        }
    }
    Ok(())
}

fn mtr() -> Result<(), Failed> {
    let net = net(row())?;
    for (ours_args, args) in [("-I", ""), ("", "-u"), ("-T -p 9", "-T -P 9")] {
        let report =
            net.at("a", Program::new("mtr").words("-n --report -c 1 -i 0.1 -G 0.5").words(args).words(TARGET)).run()?;
        let lines = report.stdout.lines().filter(|line| line.contains("|--"));
        let theirs: Vec<&str> = lines.filter_map(|line| line.split_whitespace().nth(1)).collect();
        let ended = net.at("a", ours(ours_args).words(TARGET)).run()?;
        let shown = hops(&ended.stdout);
        let ours: Vec<&str> = shown.iter().filter_map(|hop| hop.split(' ').nth(1)).collect();
        equal(&ours, &theirs)?;
        println!("{} hops compared with mtr {args}", theirs.len());
    }
    Ok(())
}

/// Without raw sockets no quote tells the distance, and probes beyond the target use its errors up.
fn repeated_by_anybody(public: &PublicCopy) -> Result<(), Failed> {
    let net = net(row().rate_limited())?;
    for run in 1..=6 {
        let ended = net.at("a", Program::new(public.path()).words("-q 1").words(TARGET).as_nobody()).run()?;
        let hops = hops(&ended.stdout);
        let reached = hops.last().is_some_and(|hop| hop.starts_with("5 ") && hop.contains(TARGET));
        if hops.len() != 5 || !reached {
            return Err(format!("run {run}: {ended}").into());
        }
    }
    Ok(())
}

fn path_mtu_again() -> Result<(), Failed> {
    let net = net(row().mtu(2, 1400).mtu(4, 1280))?;
    let measured = || net.at("a", ours("--mtu").words(TARGET)).run().map(|ended| untimed_hops(&ended.stdout));
    let first = measured()?;
    equal(&measured()?, &first)
}

/// Lines without their times.
fn untimed_hops(text: &str) -> Vec<String> {
    let untimed =
        |line: &str| line.split_whitespace().filter(|word| word.parse::<f64>().is_err()).collect::<Vec<_>>().join(" ");
    text.lines().map(untimed).collect()
}

/// Links as they are made: their cards leave checksums to hardware that is not there.
fn offloaded() -> Result<(), Failed> {
    let net = net(row())?;
    for (node, interface) in [("u", "net5"), ("b", "net5"), ("a", "net1"), ("r", "net1")] {
        net.at(node, Program::new("ethtool").args(["-K", interface, "tx", "on"])).succeed()?;
    }
    let server = net.at("b", Program::new("python3").words("-m http.server 8080")).start()?;
    let ask = || net.at("a", ours("-T -p 8080").words(TARGET)).run();
    let mut ended = ask()?;
    // The server is open a moment after it was started; until then its port is closed, which is an answer too.
    while ended.stderr.contains("closed") {
        ended = ask()?;
    }
    drop(server);
    let open = ended.stderr.contains("port 8080 of 10.77.5.2 is open") && !ended.stderr.contains("checksum");
    if ended.code == 0 && open { Ok(()) } else { Err(ended.to_string().into()) }
}

fn path_mtu() -> Result<(), Failed> {
    let narrow = || net(row().mtu(2, 1400).mtu(4, 1280));
    let tracepath = narrow()?.at("a", Program::new("tracepath").words("-n").words(TARGET)).run()?;
    for args in ["--mtu", "--mtu -I"] {
        let net = narrow()?;
        let ended = net.at("a", ours(args).words(TARGET)).run()?;
        let told = |text: &str| ended.stdout.contains(text);
        if !told("10.77.1.2: 1500 bytes are too long for my next link, 1400 are not (!F-1400)")
            || !told("10.77.3.2: 1400 bytes are too long for my next link, 1280 are not (!F-1280)")
            || !ended.stderr.contains("path MTU 1280")
        {
            return Err(ended.to_string().into());
        }
    }
    if !tracepath.stdout.contains("pmtu 1280") {
        return Err(format!("tracepath: {tracepath}").into());
    }
    println!("path MTU 1280, as tracepath has it");
    Ok(())
}

/// A router whose errors about what it should pass on have no way back to the prober: its own packets to there meet a blackhole.
fn black_hole() -> Result<(), Failed> {
    let net = net(row().mtu(2, 1400))?;
    net.ip("r", "rule add to 10.77.1.1 iif lo lookup 77")?;
    net.ip("r", "route add blackhole default table 77")?;
    let ended = net.at("a", ours("--mtu -f 2").words(TARGET)).run()?;
    let found = ended.stdout.contains("black hole before hop 2: 1401 bytes vanish without a word, 1400 pass");
    if found && ended.code == 0 { Ok(()) } else { Err(ended.to_string().into()) }
}

fn silent_target() -> Result<(), Failed> {
    let net = net(row())?;
    net.ip("b", "route del default")?;
    let ended = net.at("a", ours(TARGET)).run()?;
    let silent = ended.stdout.ends_with("\n 5  * * *  and so on to 30\n");
    let told = ended.stderr.contains("behind 10.77.4.2 nobody answered within 2 s");
    if silent && told && ended.code == 1 { Ok(()) } else { Err(ended.to_string().into()) }
}

fn two_tracers() -> Result<(), Failed> {
    let net = net(row())?;
    for args in ["-q 10", "-I -q 10", "-T -q 10"] {
        let other = net.at("a", ours(args).words("10.77.4.2")).start()?;
        let ended = net.at("a", ours(args).words(TARGET)).run()?;
        let other = other.end()?;
        for (ended, last) in [(&ended, 5), (&other, 4)] {
            let hops = hops(&ended.stdout);
            let single = hops.iter().all(|hop| hop.split(' ').count() == 2);
            if hops.len() != last || !single {
                return Err(format!("{args}: {ended}").into());
            }
        }
    }
    Ok(())
}

/// Errors with quotes that lie, by raw sockets from a router beside us, a hundred kinds a run.
const CRAFT: &str = r#"
import random, socket, struct, sys
def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
random.seed(1)
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for _ in range(3000):
    kind, code = random.choice([(3, random.randrange(17)), (11, random.randrange(3)), (12, 0), (5, 1), (0, 0), (8, 0)])
    quote = bytearray(struct.pack('!BBHHHBBH4s4s', 0x45, 0, 60, random.randrange(70), 0, 1, random.choice([1, 6, 17]), 0,
        socket.inet_aton('10.77.1.1'), socket.inet_aton('10.77.5.2')) + random.randbytes(random.randrange(200)))
    for _ in range(random.randrange(3)):
        quote[random.randrange(20)] = random.randrange(256)
    del quote[random.randrange(len(quote)):][:random.randrange(2) * 100]
    word = bytes([0, random.randrange(256)]) + random.randbytes(2)
    body = struct.pack('!BBH', kind, code, 0) + word + bytes(quote)
    body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
    sender.sendto(body, ('10.77.1.1', 0))
print('sent')
"#;

fn crafted() -> Result<(), Failed> {
    let net = net(row())?;
    for args in ["-q 10", "-I -q 10", "-T -q 10", "--mtu", "--multipath"] {
        let crafting = net.at("r", Program::new("python3").args(["-c", CRAFT])).start()?;
        let ended = net.at("a", ours(args).words(TARGET)).run()?;
        let crafting = crafting.end()?;
        if !crafting.stdout.contains("sent") {
            return Err(format!("crafting: {crafting}").into());
        }
        let last = hops(&ended.stdout).last().cloned().unwrap_or_default();
        if ended.code != 0 || !last.starts_with("5 ") || !last.contains(TARGET) {
            return Err(format!("{args}: {ended}").into());
        }
    }
    Ok(())
}

fn ctrl_c() -> Result<(), Failed> {
    let net = net(row())?;
    let mut running = net.at("a", ours("-z 0.2 -q 1").words(TARGET)).start()?;
    running.wait_for(" 1  10.77.1.2")?;
    running.signal("INT")?;
    let ended: Ended = running.end()?;
    // The first probe went as far as it gets, so the target is known already.
    let told = hops(&ended.stdout);
    let known = told.last().is_some_and(|hop| hop.ends_with(TARGET)) && told.iter().all(|hop| hop.contains(' '));
    if ended.code == 0 && known && !ended.stderr.contains("error") { Ok(()) } else { Err(ended.to_string().into()) }
}

fn ping_sockets(public: &PublicCopy) -> Result<(), Failed> {
    let net = net(row().ping_sockets("a"))?;
    let program = |args: &str| Program::new(public.path()).words(args).as_nobody();
    let ended = net.at("a", program("-I").words(TARGET)).run()?;
    let root = net.at("a", ours("-I").words(TARGET)).run()?;
    equal(&hops(&ended.stdout), &hops(&root.stdout))?;
    if ended.code == 0 && ended.stderr.is_empty() { Ok(()) } else { Err(ended.to_string().into()) }
}

fn udp_sockets(public: &PublicCopy) -> Result<(), Failed> {
    let net = net(row())?;
    let ended = net.at("a", Program::new(public.path()).words(TARGET).as_nobody()).run()?;
    let root = net.at("a", ours(TARGET)).run()?;
    equal(&hops(&ended.stdout), &hops(&root.stdout))?;
    let told = ended.stderr.contains("without permission for raw sockets each UDP probe has a port of its own");
    if ended.code == 0 && told { Ok(()) } else { Err(ended.to_string().into()) }
}

fn no_permission(public: &PublicCopy) -> Result<(), Failed> {
    let net = net(row())?;
    let refused = net.at("a", Program::new(public.path()).words("-T").words(TARGET).as_nobody()).run()?;
    let said = "error: cannot open a raw socket: this needs CAP_NET_RAW\n\
                hint: run `just setcap mytraceroute`, or stay in the simulated network with `--net NAME` (`--net list` shows \
                them)\n";
    equal(&[&*refused.stderr, &refused.code.to_string()], &[said, "2"])
}
