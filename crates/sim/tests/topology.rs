//! A broken network file is told of with file, line, key and what is allowed.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at its first surprise"
)]

use host::{Host, Mac};
use sim::{Net, NetError, World};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

const GOOD: &str = r#"
title = "Two hosts"
at    = "a"

[hosts.a]
on.net1 = "10.0.0.1/24"

[hosts.b]
on.net1 = "10.0.0.2/24"

[links]
net1 = { delay = "1 ms" }
"#;

/// What is said of the good file with one text replaced by another.
fn said(replace: &str, by: &str) -> (String, String) {
    assert!(GOOD.contains(replace), "{replace}");
    let NetError { error, hint } = Net::parse("two.toml", &GOOD.replacen(replace, by, 1)).expect_err(by);
    (error, hint.unwrap_or_default())
}

#[track_caller]
fn check(replace: &str, by: &str, error: &str, hint: &str) {
    assert_eq!(said(replace, by), (error.to_string(), hint.to_string()));
}

#[test]
fn good_file_is_read() {
    assert_eq!(Net::parse("two.toml", GOOD).unwrap().host_names(), ["a", "b"]);
}

#[test]
fn unknown_keys_name_their_place_what_is_allowed_and_the_nearest() {
    check("title =", "titel =", "two.toml:1:1: 'title' is missing", "write it as in title = \"Four routers in a row\"");
    check(
        "{ delay = \"1 ms\" }",
        "{ dealy = \"1 ms\" }",
        "two.toml:12:10: unknown key 'dealy' in 'links.net1'",
        "keys here are kind, delay, jitter, loss, duplicate, reorder, rate, queue, mtu; did you mean 'delay'?",
    );
    check(
        "[hosts.a]",
        "[hosts.a]\ngatway = \"10.0.0.2\"",
        "two.toml:6:1: unknown key 'gatway' in 'hosts.a'",
        "keys here are on, gateway, routes, ttl, udp, tcp, icmp_limit, answers, quotes, foreign_errors, \
         extensions, lies, resolver, dns, tls; did you mean 'gateway'?",
    );
    check(
        "[links]",
        "[linkz]",
        "two.toml:11:2: unknown key 'linkz'",
        "keys here are title, about, at, like, hosts, routers, nats, links, faults; did you mean 'links'?",
    );
}

#[test]
fn values_out_of_their_range_say_what_they_could_be() {
    check("1 ms", "1 parsec", "two.toml:12:18: links.net1.delay: '1 parsec' is no time", "write it as in \"0.5 ms\"");
    check(
        "delay = \"1 ms\"",
        "loss = \"101 %\"",
        "two.toml:12:17: links.net1.loss: '101 %' is no share from 0 to 100 %",
        "write it as in \"2 %\"",
    );
    check(
        "delay = \"1 ms\"",
        "mtu = 20",
        "two.toml:12:16: links.net1.mtu: '20' is no whole number from 68 to 65535",
        "write it as in 12",
    );
    check(
        "10.0.0.1/24",
        "10.0.0.1/33",
        "two.toml:6:11: hosts.a.on.net1: '10.0.0.1/33' is no interface",
        "write it as in \"192.168.1.3/24\", \"192.168.1.3/24 at 02:00:00:00:01:03\" or \"unnumbered\"",
    );
    check(
        "10.0.0.1/24",
        "10.0.0.1/24 at bb:ab:dd:11:22:33",
        "two.toml:6:11: hosts.a.on.net1: bb:ab:dd:11:22:33 names a group of stations, not one",
        "the lowest bit of the first octet must be 0, as in 02:…",
    );
}

#[test]
fn parts_that_do_not_fit_together_are_named() {
    check(
        "at    = \"a\"",
        "at = \"c\"",
        "two.toml: at: no host named 'c' in network 'two.toml'",
        "hosts are a, b; did you mean 'a'?",
    );
    check("10.0.0.2", "10.0.0.1", "two.toml: 'a' and 'b' both have 10.0.0.1", "an address is given once");
    check(
        "10.0.0.2/24",
        "10.0.0.2/24 at 02:00:00:01:01:00",
        "two.toml: 'a' and 'b' both have 02:00:00:01:01:00 on 'net1'",
        "a hardware address is given once on a link",
    );
    check(
        "[hosts.b]\non.net1",
        "[hosts.b]\non.net2",
        "two.toml: b: no link named 'net2'",
        "links are net1; did you mean 'net1'?",
    );
    check(
        "[hosts.b]",
        "[hosts.c]\non.net1 = \"10.0.0.3/24\"\n[hosts.b]",
        "two.toml: links.net1: 3 nodes are on it",
        "a cable has two ends; for more nodes write kind = \"switch\"",
    );
    check(
        "[hosts.b]",
        "gateway = \"10.0.1.1\"\n[hosts.b]",
        "two.toml: a: the gateway 10.0.1.1 is on none of its links",
        "name the link, as in \"… via 192.168.10.100 on r3-r4\", or correct the address",
    );
}

#[test]
fn hardware_address_may_come_again_on_another_link() {
    let far = "title = \"one\"\nlike = \"subnets\"\nhosts.far.on.lan2 = \"192.168.2.2/24 at 02:00:00:00:01:03\"\n";
    assert!(Net::parse("one.toml", far).is_ok());
}

#[test]
fn router_with_a_choice_must_say_how_it_chooses() {
    let diamond = Net::builtin().iter().find(|(name, _)| *name == "diamond").unwrap().1;
    let said = |from: &str, to: &str| {
        let NetError { error, hint } = Net::parse("d.toml", &diamond.replacen(from, to, 1)).expect_err(to);
        format!("{error} / {}", hint.unwrap_or_default())
    };
    assert_eq!(
        said("balance = \"flow\"", ""),
        "d.toml: r1: a route has alternatives, and nothing says how to choose / \
         give the router balance = \"flow\", \"addresses\" or \"packet\""
    );
    assert_eq!(
        said("\"flow\"", "\"flows\""),
        "d.toml:14:11: routers.r1.balance: unknown way to choose 'flows' / \
         ways are flow, addresses, packet; did you mean 'flow'?"
    );
    assert_eq!(
        said("| 192.168.4.100", "| 192.168.7.100"),
        "d.toml: r1: the gateway 192.168.7.100 is on none of its links / \
         name the link, as in \"… via 192.168.10.100 on r3-r4\", or correct the address"
    );
    assert!(said("| 192.168.4.100", "|").contains("is no route"));
}

#[test]
fn text_that_is_no_toml_names_the_line() {
    let (error, hint) = said("delay = \"1 ms\"", "delay = ");
    assert!(error.starts_with("two.toml:12:"), "{error}");
    assert_eq!(hint, "a network file is TOML; `--net list` shows those that come with the course");
}

#[test]
fn set_bends_a_link_and_refuses_what_is_none() {
    let mut net = Net::load("lan").unwrap();
    for good in ["lan.delay=2ms", "lan.host2.loss=10 %", "access.rate=1 Mbit/s", "far.mtu=1400", "far.queue=3"] {
        assert_eq!(net.set(good), Ok(()), "{good}");
    }
    let mut set = |assignment: &str| {
        let NetError { error, hint } = net.set(assignment).expect_err(assignment);
        format!("{error} / {}", hint.unwrap_or_default())
    };
    assert_eq!(set("lan"), "--set lan: there is no '=' / write LINK.KEY=VALUE, as in --set net1.loss=10%");
    assert_eq!(
        set("lna.delay=1ms"),
        "--set lna.delay=1ms: no link named 'lna' in network 'lan' / links are lan, access, far; did you mean 'lan'?"
    );
    assert_eq!(
        set("lan.host7.loss=1%"),
        "--set lan.host7.loss=1%: 'host7' is not on 'lan' / nodes there are host2, host3, host4, host5, gw; did you mean 'host2'?"
    );
    assert_eq!(
        set("lan.dealy=1ms"),
        "--set lan.dealy=1ms: a link has no 'dealy' / keys are delay, jitter, loss, duplicate, reorder, rate, queue, mtu; did you mean 'delay'?"
    );
    assert_eq!(
        set("lan.loss=often"),
        "--set lan.loss=often: lan.loss: 'often' is no share from 0 to 100 % / write it as in \"2 %\""
    );
}

#[test]
fn unknown_network_lists_the_known_ones_and_the_nearest() {
    let NetError { error, hint } = Net::load("router").unwrap_err();
    assert_eq!(error, "no network named 'router'");
    let hint = hint.unwrap();
    let families = "hub, hub-switched, subnets, lan, lan-poisoned, routers, diamond, mtu, mtu-blackhole, transport, names, names-poisoned, nat, nat-behave, hostile-*";
    assert_eq!(hint, format!("networks are {families}; did you mean 'routers'?"));
    let hint = Net::load("hostile-slient").unwrap_err().hint.unwrap();
    assert!(
        hint.ends_with("transport, names, names-poisoned, nat, nat-behave, hostile-*; did you mean 'hostile-silent'?"),
        "{hint}"
    );
    assert!(
        Net::load("./nowhere.toml").unwrap_err().error.starts_with("cannot read the network file './nowhere.toml'")
    );
}

/// A file of one's own that is like `routers`.
fn like_routers(text: &str) -> Result<Net, NetError> {
    Net::parse("mine.toml", &format!("like = \"routers\"\n{text}"))
}

#[test]
fn net_like_another_says_only_what_is_different() {
    let base = Net::load("routers").unwrap();
    let same = like_routers("").unwrap();
    assert_eq!((same.title(), same.at(), same.host_names()), (base.title(), base.at(), base.host_names()));

    let mine = like_routers(
        "title = \"Mine\"\n[links]\nnet5.delay = \"7 ms\"\nnew = {}\n\
         [routers.r4]\non.new = \"10.0.0.1/24\"\n[hosts.late]\non.new = \"10.0.0.2/24\"\n",
    );
    let mine = mine.unwrap();
    assert_eq!(mine.title(), "Mine");
    assert_eq!(mine.host_names(), ["client", "r1", "r2", "r3", "r4", "server", "late"]);
    let listing = mine.listing();
    assert!(listing.contains("net3 2 ms · net5 7 ms · r3-r4 10 ms · net10 0.5 ms · new 0 ms"), "{listing}");
    assert!(listing.contains("192.168.10.100/24 on net10, 10.0.0.1/24 on new"), "{listing}");
}

#[test]
fn net_like_another_is_told_of_with_its_own_lines() {
    let said = |text: &str| {
        let NetError { error, hint } = like_routers(text).expect_err(text);
        (error, hint.unwrap_or_default())
    };
    let (error, hint) = said("[routers.r3]\nroute = []");
    assert_eq!(error, "mine.toml:3:1: unknown key 'route' in 'routers.r3'");
    assert!(hint.ends_with("did you mean 'routes'?"), "{hint}");
    assert_eq!(said("[links]\nnet5 = 3").0, "mine.toml:3:8: links.net5: '3' is no table");
    let NetError { error, hint } = Net::parse("mine.toml", "like = \"router\"").unwrap_err();
    assert_eq!(error, "mine.toml:1:8: like: no network named 'router'");
    assert!(hint.unwrap().ends_with("did you mean 'routers'?"));
}

#[test]
fn every_network_of_the_course_can_be_listed() {
    for (name, text) in Net::builtin() {
        let net = Net::parse(name, text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(net.listing().starts_with(&format!("{name}: {}\n  {}\n\n", net.title(), net.about())), "{name}");
    }
}

#[test]
fn listing_of_a_net_that_is_another_with_faults_is_short() {
    assert_eq!(
        Net::load("mtu-blackhole").unwrap().listing(),
        "mtu-blackhole: A way that gets narrower and does not say so\n  \
         Routers that discard the errors they should send: what is too long vanishes without a word.\n\n  \
         as mtu, but for this:\n    drop icmp 3/4 from r1\n    drop icmp 3/4 from r2\n"
    );
}

#[test]
fn service_over_tls_needs_a_certificate_that_there_is_and_a_port_of_its_own() {
    let tls = |value: &str| said("[hosts.b]", &format!("{value}\n[hosts.b]"));
    assert_eq!(
        tls("tls.443 = { service = \"http\", certificate = \"wep\" }"),
        (
            "two.toml:8:45: hosts.a.tls.443.certificate: no certificate named 'wep'".into(),
            "certificates are resolver, web, expired, stranger; did you mean 'web'?".into()
        )
    );
    assert_eq!(
        tls("tls.853 = { service = \"names\", certificate = \"web\" }"),
        (
            "two.toml:8:23: hosts.a.tls.853.service: this node answers nothing about names".into(),
            "`dns` says what it answers".into()
        )
    );
    assert_eq!(
        tls("tls.7 = { service = \"slow\", certificate = \"web\" }"),
        (
            "two.toml:8:21: hosts.a.tls.7.service: unknown service 'slow'".into(),
            "services over TLS are echo, http, names, pages".into()
        )
    );
    assert_eq!(
        tls("tcp.7 = \"echo\"\ntls.7 = { service = \"echo\", certificate = \"web\" }").0,
        "two.toml:9:9: hosts.a.tls.7: port 7 of TCP has a service already"
    );
    let good = GOOD.replacen("[hosts.b]", "tls.7 = { service = \"echo\", certificate = \"web\" }\n[hosts.b]", 1);
    let listing = Net::parse("two.toml", &good).unwrap().listing();
    assert!(listing.contains("tls 7 echo with the certificate web"), "{listing}");
}

#[test]
fn listing_ends_with_what_goes_wrong() {
    let net = Net::parse("two.toml", &GOOD.replacen("[hosts.a]", "faults = [\"at 2 s net1 down\"]\n[hosts.a]", 1));
    let listing = net.unwrap().listing();
    assert!(listing.ends_with("\n  links: net1 1 ms\n  fault: at 2 s net1 down\n"), "{listing}");
}

#[test]
fn examples_of_the_manual_are_networks() {
    let manual = include_str!("../../../docs/nets.md");
    let examples = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let nodes: Vec<Vec<String>> =
        examples.map(|example| Net::parse("docs/nets.md", example).unwrap().host_names()).collect();
    assert_eq!(nodes, [vec!["a", "r", "b"], vec!["client", "r1", "r2", "r3", "r4", "server"]]);
}

#[test]
fn network_of_a_thousand_hosts_gives_each_a_hardware_address_of_its_own() {
    let hosts: String =
        (0..1000).map(|n| format!("[hosts.h{n}]\non.lan = \"10.0.{}.{}/16\"\n", n / 250, n % 250 + 1)).collect();
    let text = format!("title = \"Many\"\nat = \"h0\"\n{hosts}[links]\nlan = {{ kind = \"switch\" }}\n");
    let world = Rc::new(RefCell::new(World::new(&Net::parse("many", &text).unwrap(), 1)));
    let mac = |name: &str| sim::guest(&world, name).unwrap().interfaces().unwrap()[0].mac.unwrap();
    let macs: BTreeSet<Mac> = (0..1000).map(|n| mac(&format!("h{n}"))).collect();
    assert_eq!(macs.len(), 1000);
}
