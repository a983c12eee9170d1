use super::*;

fn address(last: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, last])
}

fn node(last: u8) -> Node {
    Some(address(last))
}

/// What a router answers, or the target.
fn met(last: u8, is_end: bool) -> Met {
    let says = if is_end { Says::EchoReply } else { Says::TimeExceeded };
    let answer = Answer { number: 1, from: address(last), says, ttl: None, quoted_ttl: None, told: vec![] };
    Some((answer, Duration::from_millis(1)))
}

/// Asks all that is wanted, as `network` has it, and says how many probes it took.
fn explore(network: impl Fn(u8, u16) -> Met) -> (Ways, usize) {
    let (mut ways, mut probes) = (Ways::new(1, 30), 0);
    loop {
        let wanted = ways.wanted();
        if wanted.is_empty() {
            return (ways, probes);
        }
        probes += wanted.len();
        wanted.into_iter().for_each(|wanted| ways.met(wanted, network(wanted.ttl, wanted.flow)));
    }
}

#[test]
fn so_many_flows_are_enough_as_the_authors_computed() {
    assert_eq!([1, 2, 3, 4, 5, 6].map(enough), [6, 11, 16, 21, 27, 33]);
}

#[test]
fn way_without_branches_takes_six_flows_a_hop() {
    let (ways, probes) = explore(|ttl, _| met(ttl, ttl == 4));
    assert_eq!(probes, 4 * 6);
    assert!(ways.reached(address(4)) && ways.invented().is_empty() && ways.choices().is_empty());
    let rtt = Some(Duration::from_millis(1));
    assert_eq!(ways.nodes(2), [Seen { node: node(2), rtt, flows: 6, from: vec![node(1)], end: None }]);
}

#[test]
fn diamond_has_two_ways_and_two_links_that_only_a_classic_tracer_draws() {
    // 1, then 2 and 4 or 3 and 5 by the parity of the flow, then 6.
    let (ways, _) = explore(|ttl, flow| match (ttl, flow % 2) {
        (1, _) => met(1, false),
        (2, 0) => met(2, false),
        (2, _) => met(3, false),
        (3, 0) => met(4, false),
        (3, _) => met(5, false),
        _ => met(6, true),
    });
    let hop = |ttl| ways.nodes(ttl).into_iter().map(|seen| (seen.node, seen.from)).collect::<Vec<_>>();
    assert_eq!(hop(2), [(node(2), vec![node(1)]), (node(3), vec![node(1)])]);
    assert_eq!(hop(3), [(node(4), vec![node(2)]), (node(5), vec![node(3)])]);
    assert_eq!(hop(4), [(node(6), vec![node(4), node(5)])]);
    assert_eq!(ways.choices(), [2, 3]);
    assert_eq!(ways.invented(), [(address(2), address(5)), (address(3), address(4))]);
}

#[test]
fn sixteen_ways_are_all_found_and_every_flow_is_followed_from_the_first_hop_on() {
    let (ways, _) = explore(|ttl, flow| match ttl {
        1 => met(1, false),
        2 => met(10 + u8::try_from(flow * 7 % 16).unwrap(), false),
        3 => met(40 + u8::try_from(flow * 7 % 16).unwrap(), false),
        _ => met(6, true),
    });
    assert_eq!(ways.nodes(2).len(), 16);
    for ttl in [2, 3, 4] {
        for flow in ways.hops[&ttl].keys() {
            assert!((1..ttl).all(|ttl| ways.at(ttl, *flow).is_some()), "flow {flow} at hop {ttl}");
        }
    }
    assert_eq!(ways.nodes(3).iter().map(|seen| seen.from.len()).max(), Some(1));
    assert_eq!(ways.invented().len(), 16 * 15);
}

#[test]
fn no_more_than_256_flows_are_followed_however_many_ways_there_are() {
    // Each flow has a router of its own at hop 2.
    let (ways, _) = explore(|ttl, flow| match ttl {
        1 => met(1, false),
        2 => Some((
            Answer {
                from: IpAddr::from(0x0b00_0000_u32.wrapping_add(flow.into()).to_be_bytes()),
                ..met(1, false).unwrap().0
            },
            Duration::ZERO,
        )),
        _ => met(6, true),
    });
    assert_eq!(ways.nodes(2).len(), 256);
    assert!(ways.invented().is_empty());
}

#[test]
fn ways_of_unequal_length_deny_no_link_that_there_is() {
    // 1 – 2 – 9 and 1 – 3 – 2 – 9: router 2 and the target 9 stand at two hops each.
    let (ways, _) = explore(|ttl, flow| match (ttl, flow % 2) {
        (1, _) => met(1, false),
        (2, 0) => met(2, false),
        (2, _) => met(3, false),
        (3, 0) => met(9, true),
        (3, _) => met(2, false),
        _ => met(9, true),
    });
    assert_eq!(ways.choices(), [2, 3]);
    assert_eq!(ways.invented(), []);
}

#[test]
fn link_is_not_denied_where_flows_fell_silent() {
    let (mut ways, _) = explore(|ttl, flow| match (ttl, flow % 2) {
        (1, _) => met(1, false),
        (2, 0) => met(2, false),
        (2, _) => met(3, false),
        (3, 0) if flow % 4 == 0 => None,
        (3, 0) => met(4, false),
        (3, _) => met(5, false),
        _ => met(6, true),
    });
    assert_eq!(ways.invented(), [(address(3), address(4))]);
    assert!(ways.wanted().is_empty());
}

#[test]
fn three_hops_behind_the_last_that_spoke_are_asked_and_no_more() {
    let (ways, probes) = explore(|ttl, _| if ttl < 3 { met(ttl, false) } else { None });
    assert_eq!(ways.ttls().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(probes, 5 * 6);
    let (ways, _) =
        explore(|ttl, _| if ttl == 5 { met(5, true) } else { (ttl < 3).then(|| met(ttl, false)).flatten() });
    assert!(ways.reached(address(5)), "behind two silent hops");
}

#[test]
fn flow_that_goes_round_three_times_is_over() {
    let (ways, _) = explore(|ttl, _| met(if ttl < 3 { ttl } else { 3 + ttl % 2 }, false));
    assert_eq!(ways.last(), Some(8));
    assert_eq!(ways.circle(), Some(&[address(4), address(3)][..]));
    assert!(ways.ends_at(8));
}

#[test]
fn late_answer_replaces_silence_and_takes_back_what_was_asked_behind_the_end() {
    let mut ways = Ways::new(1, 30);
    let asked = ways.wanted();
    asked.iter().for_each(|wanted| ways.doubt(*wanted));
    assert!(ways.wanted().iter().all(|wanted| wanted.ttl == 2));
    asked.iter().for_each(|wanted| ways.met(*wanted, None));
    asked.iter().for_each(|wanted| ways.met(*wanted, met(9, true)));
    assert!(ways.open.is_empty() && ways.wanted().is_empty());
    assert_eq!((ways.last(), ways.reached(address(9))), (Some(1), true));
}
