//! All ways, and the longest packet, in networks of this test's own: what is found, and in which time.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends at its first surprise")]

use clap::Parser as _;
use cli::{Output, Session, Show, Tool as _};
use host::{Host as _, Time};
use mytraceroute::Mytraceroute;
use sim::{Fate, Net, World};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

struct Run {
    printed: String,
    /// In virtual time.
    took: Duration,
    /// How many packets the client sent.
    sent: usize,
}

/// Runs `mytraceroute ARGS` at the client of a network.
fn run(net: &Net, seed: u64, args: &str) -> Run {
    run_in(&Rc::new(RefCell::new(World::new(net, seed))), args)
}

/// The same in a network that is there already.
fn run_in(world: &Rc<RefCell<World>>, args: &str) -> Run {
    let sent = Rc::new(RefCell::new(0));
    let count = Rc::clone(&sent);
    let to_the_router = move |_: Time, frame: &mut Vec<u8>| {
        *count.borrow_mut() += usize::from(frame.get(26..30) == Some(&[10, 0, 1, 3]));
        Fate::Pass
    };
    world.borrow_mut().tamper("net1", Box::new(to_the_router));
    let mut host = sim::guest(world, "client").unwrap();
    let tool = Mytraceroute::parse_from(["mytraceroute"].into_iter().chain(args.split_whitespace()));
    let (out, collected) = Output::collected(&Show::default());
    let started = host.now();
    let mut session = Session { host: &mut host, probes: Some(4), privileged: true, out };
    tool.run(&mut session).unwrap();
    let took = host.now() - started;
    let sent = *sent.borrow();
    Run { printed: format!("{}{}", collected.stdout(), collected.stderr()), took, sent }
}

/// A router that balances over `branches` of `routers` one after the other, and a router where they meet before the server.
fn branches(branches: usize, routers: usize, manners: &str) -> Net {
    let all = || 1..=branches;
    let list = |item: &dyn Fn(usize) -> String, between: &str| all().map(item).collect::<Vec<_>>().join(between);
    let mut text = String::from("title = \"Branches\"\nat = \"client\"\n");
    text += "[hosts.client]\non.net1 = \"10.0.1.3/24\"\ngateway = \"10.0.1.1\"\n";
    text += &format!(
        "[routers.r1]\n{manners}on.net1 = \"10.0.1.1/24\"\n{}balance = \"flow\"\nroutes = [\"10.0.10.0/24 via {}\"]\n",
        list(&|branch| format!("on.n1-{branch} = \"10.1.{branch}.1/24\"\n"), ""),
        list(&|branch| format!("10.1.{branch}.2"), " | "),
    );
    for branch in all() {
        for place in 1..=routers {
            let next = place + 1;
            text += &format!(
                "[routers.a{place}-{branch}]\n{manners}on.n{place}-{branch} = \"10.{place}.{branch}.2/24\"\n\
                 on.n{next}-{branch} = \"10.{next}.{branch}.1/24\"\n\
                 routes = [\"10.0.1.0/24 via 10.{place}.{branch}.1\", \"10.0.10.0/24 via 10.{next}.{branch}.2\"]\n"
            );
        }
    }
    let last = routers + 1;
    text += &format!(
        "[routers.r4]\n{manners}{}on.net10 = \"10.0.10.1/24\"\nroutes = [\"10.0.1.0/24 via 10.{last}.1.1\"]\n",
        list(&|branch| format!("on.n{last}-{branch} = \"10.{last}.{branch}.2/24\"\n"), ""),
    );
    text += &format!("[hosts.server]\n{manners}on.net10 = \"10.0.10.3/24\"\ngateway = \"10.0.10.1\"\n[links]\n");
    text += "net1 = { delay = \"1 ms\" }\nnet10 = { delay = \"1 ms\" }\n";
    for place in 1..=last {
        text += &list(&|branch| format!("n{place}-{branch} = {{ delay = \"2 ms\" }}\n"), "");
    }
    Net::parse("branches.toml", &text).unwrap()
}

/// Who is printed at a hop, and behind which nodes.
fn hop(printed: &str, wanted: u8) -> BTreeSet<String> {
    let mut ttl = 0;
    let mut nodes = BTreeSet::new();
    for line in printed.lines().filter(|line| line.contains(" flow")) {
        ttl = line.get(..2).and_then(|number| number.trim().parse().ok()).unwrap_or(ttl);
        if ttl == wanted {
            nodes.insert(line.split_whitespace().find(|word| word.contains('.')).unwrap().to_string());
        }
    }
    nodes
}

#[test]
fn every_router_of_a_later_hop_is_printed_behind_one_of_an_earlier_and_no_real_link_is_denied() {
    let mut missed = 0;
    for count in [2, 4] {
        let net = branches(count, 2, "");
        for seed in 1..=100 {
            let Run { printed, .. } = run(&net, seed, "--multipath server");
            let (before, behind) = (hop(&printed, 2), hop(&printed, 3));
            let branch = |address: &String| address.split('.').nth(2).unwrap().to_string();
            let of = |nodes: &BTreeSet<String>| nodes.iter().map(branch).collect::<BTreeSet<_>>();
            assert_eq!(of(&before), of(&behind), "seed {seed}:\n{printed}");
            missed += usize::from(before.len() < count);
            for branch in 1..=count {
                assert!(!printed.contains(&format!("10.1.{branch}.2 to 10.2.{branch}.2")), "seed {seed}:\n{printed}");
            }
        }
    }
    assert!(missed <= 15, "{missed} of 200 missed a branch, where 5 % may");
}

#[test]
fn parallel_routers_are_a_choice_though_no_link_can_be_invented() {
    let Run { printed, .. } = run(&branches(3, 1, ""), 1, "--multipath server");
    assert!(printed.contains("flows part (hop 2)"), "{printed}");
    assert!(!printed.contains("no router") && !printed.contains("no flow goes"), "{printed}");
}

#[test]
fn limits_cost_a_second_for_each_answer_beyond_six_and_are_told() {
    let limited = "icmp_limit = \"linux\"\n";
    let Run { printed, took, .. } = run(&branches(2, 1, limited), 1, "--multipath server");
    assert!(took < Duration::from_secs(9), "{took:?}\n{printed}");
    assert_eq!(hop(&printed, 2).len(), 2, "{printed}");
    let Run { printed, took, .. } = run(&branches(16, 1, limited), 1, "--multipath server");
    assert_eq!(hop(&printed, 2).len(), 16, "{printed}");
    assert!(printed.contains("hop 1 limits its answers"), "{printed}");
    assert!(took < Duration::from_secs(182), "{took:?}\n{printed}");
}

#[test]
fn hop_whose_round_trip_jumps_is_heard() {
    let slow = |net: &str, link: &str| {
        let mut net = Net::load(net).unwrap();
        net.set(&format!("{link}.delay=450ms")).unwrap();
        net
    };
    // ARP and probe take 1.8 s there and back, where hops before took 20 ms.
    let Run { printed, .. } = run(&slow("routers", "net5"), 1, "--multipath server");
    assert!(printed.contains(" 4  192.168.10.100") && printed.contains(" 5  192.168.10.3"), "{printed}");
    let Run { printed, .. } = run(&slow("mtu", "net2"), 1, "--mtu server");
    assert!(printed.contains(" 3  10.1.2.2") && printed.contains(" 4  10.1.3.2"), "{printed}");
    assert!(printed.contains("path MTU 1280") && !printed.contains("black hole"), "{printed}");
}

#[test]
fn silent_end_costs_the_wait_once() {
    for (args, most) in [
        ("--multipath server", 2300),
        ("--mtu server", 2300),
        ("-w 0.5 --multipath server", 1000),
        ("-w 0.5 --mtu server", 1000),
    ] {
        let Run { printed, took, .. } = run(&Net::load("hostile-dead").unwrap(), 1, args);
        assert!(took <= Duration::from_millis(most), "{args}: {took:?}\n{printed}");
        assert!(printed.contains(" 7  *") && !printed.contains(" 8  "), "{args}:\n{printed}");
    }
}

#[test]
fn pause_is_kept_between_probes_of_all_kinds() {
    for args in ["-z 0.25 --multipath server", "-z 0.25 --mtu server"] {
        let Run { took, sent, printed } = run(&branches(1, 1, ""), 1, args);
        let least = Duration::from_millis(250) * u32::try_from(sent - 1).unwrap();
        assert!(sent >= 4 && took >= least, "{args}: {sent} probes in {took:?}\n{printed}");
    }
}

#[test]
fn host_that_nobody_answers_by_arp_is_no_hop() {
    for args in ["-w 5 --multipath 192.168.1.77", "-w 5 --mtu 192.168.1.77"] {
        let Run { printed, .. } = run(&Net::load("routers").unwrap(), 1, args);
        assert!(printed.contains("this host itself asked by ARP who has 192.168.1.77"), "{args}:\n{printed}");
        assert!(!printed.contains(" 1  "), "{args}:\n{printed}");
    }
}

#[test]
fn circle_ends_both_questions_at_its_third_round_and_soon_after_where_its_routers_limit_their_errors() {
    let limited = "title = \"Circle\"\nlike = \"hostile-loop\"\nrouters.r2.icmp_limit = \"linux\"\n\
                   routers.r3.icmp_limit = \"linux\"\n";
    let limited = Net::parse("circle.toml", limited).unwrap();
    for args in ["--multipath server", "--mtu server"] {
        let said = "go in a circle, 192.168.3.100, 192.168.5.100 and from there to 192.168.3.100 again";
        let Run { printed, .. } = run(&Net::load("hostile-loop").unwrap(), 1, args);
        assert!(printed.contains(" 7  192.168.5.100") && !printed.contains(" 8  "), "{args}:\n{printed}");
        assert!(printed.contains(said), "{args}:\n{printed}");
        let Run { printed, took, .. } = run(&limited, 1, args);
        assert!(printed.contains(said) && took < Duration::from_secs(20), "{args}: {took:?}\n{printed}");
        assert!(!printed.contains("\n12  "), "{args}:\n{printed}");
    }
}

/// Each router of the circle answers six probes and then one a second; the first trace leaves nothing of that to the second.
#[test]
fn circle_whose_routers_have_used_up_their_limit_is_suspected_and_found_some_seconds_later() {
    let limited = "title = \"Circle\"\nlike = \"hostile-loop\"\nrouters.r2.icmp_limit = \"linux\"\n\
                   routers.r3.icmp_limit = \"linux\"\n";
    let world = Rc::new(RefCell::new(World::new(&Net::parse("circle.toml", limited).unwrap(), 1)));
    let circle = "go in a circle, 192.168.3.100, 192.168.5.100 and from there to 192.168.3.100 again";
    let Run { printed, .. } = run_in(&world, "server");
    assert!(printed.contains(circle), "{printed}");
    let Run { printed, .. } = run_in(&world, "server");
    assert!(printed.contains("192.168.5.100 answered for hop 3 and again for hop"), "{printed}");
}

#[test]
fn length_that_this_host_refuses_is_no_black_hole() {
    let Run { printed, sent: _, took } = run(&Net::load("mtu").unwrap(), 1, "--mtu -s 2000 server");
    assert!(printed.contains("this host itself sends nothing longer than 1500 bytes uncut: 2000"), "{printed}");
    assert!(printed.contains(" 1  10.1.0.1  4.000 ms  F=1500") && !printed.contains("black hole"), "{printed}");
    assert!(took < Duration::from_millis(100), "{took:?}");
}

/// Hop 3 is asked first: router 1 swallows what is longer than 1400 bytes, and router 2 says that 1280 is the most.
#[test]
fn router_that_speaks_behind_a_black_hole_is_not_taken_for_the_hop() {
    let text = "title = \"Half a hole\"\nlike = \"mtu\"\nfaults = [\"drop icmp 3/4 from r1\"]\n";
    let Run { printed, .. } = run(&Net::parse("half.toml", text).unwrap(), 1, "--mtu -f 3 server");
    assert!(printed.contains(" 3  10.1.2.2  ") && printed.contains(" 4  10.1.3.2  "), "{printed}");
    assert!(printed.contains("path MTU 1280"), "{printed}");
}
