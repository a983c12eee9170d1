//! Packets of a link, and what a table makes of them.

use super::*;
use wire::ethernet;

const US: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);
const ONE: Mac = Mac([2, 0, 0, 0, 0, 1]);
const TWO: Mac = Mac([2, 0, 0, 0, 0, 2]);
const THREE: Mac = Mac([2, 0, 0, 0, 0, 3]);
const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 9);

fn table() -> Table {
    Table::new(US, vec![OWN], &[])
}

fn seconds(seconds: u64) -> Time {
    Time::START + Duration::from_secs(seconds)
}

fn hear(table: &mut Table, at: u64, destination: Mac, arp: &Arp) -> Sighting {
    let ethernet = Ethernet { destination, source: arp.sender_mac, ethertype: ethernet::ARP };
    table.hear(seconds(at), &ethernet, arp).unwrap()
}

/// The gateway's address is at `mac`, says a broadcast request for somebody else.
fn claim(table: &mut Table, at: u64, mac: Mac) -> News {
    hear(table, at, Mac::BROADCAST, &Arp::request(mac, GATEWAY, OTHER)).news
}

fn probe(table: &mut Table, at: u64, mac: Mac, target: Ipv4Addr) -> (News, bool) {
    let sighting = hear(table, at, Mac::BROADCAST, &Arp::request(mac, Ipv4Addr::UNSPECIFIED, target));
    assert_eq!(sighting.address, target);
    (sighting.news, sighting.is_new)
}

fn reply(mac: Mac, sender: Ipv4Addr, target: Ipv4Addr) -> Arp {
    Arp { operation: REPLY, target_mac: US, ..Arp::request(mac, sender, target) }
}

#[test]
fn request_for_us_makes_an_entry_and_a_reply_only_where_it_was_asked_for() {
    let mut table = table();
    let mut effect = |arp: &Arp| hear(&mut table, 0, US, arp).effect;
    assert_eq!(effect(&reply(ONE, GATEWAY, OWN)), Effect::IfAsked);
    assert_eq!(effect(&Arp::request(ONE, GATEWAY, OWN)), Effect::Made);
    assert_eq!(effect(&reply(ONE, GATEWAY, OWN)), Effect::Confirmed);
    assert_eq!(effect(&reply(TWO, GATEWAY, OWN)), Effect::Changed);
    assert_eq!(effect(&reply(TWO, GATEWAY, OWN)), Effect::Confirmed);
}

#[test]
fn entry_is_updated_by_any_packet_and_made_by_none_that_is_for_others() {
    let mut table = table();
    let question = Arp::request(ONE, GATEWAY, OTHER);
    assert_eq!(hear(&mut table, 0, Mac::BROADCAST, &question).effect, Effect::Nothing);
    hear(&mut table, 0, US, &Arp::request(ONE, GATEWAY, OWN));
    for (operation, mac) in [(REQUEST, TWO), (REPLY, ONE), (7, TWO)] {
        let arp = Arp { operation, sender_mac: mac, ..question };
        assert_eq!(hear(&mut table, 0, Mac::BROADCAST, &arp).effect, Effect::Changed, "{operation}");
    }
}

#[test]
fn frame_for_another_station_and_a_group_as_sender_touch_no_table() {
    let mut table = table();
    hear(&mut table, 0, US, &Arp::request(ONE, GATEWAY, OWN));
    assert_eq!(hear(&mut table, 0, THREE, &reply(TWO, GATEWAY, OWN)).effect, Effect::Nothing);
    let group = Mac([3, 0, 0, 0, 0, 9]);
    assert_eq!(hear(&mut table, 0, US, &reply(group, GATEWAY, OWN)).effect, Effect::Nothing);
    assert_eq!(hear(&mut table, 0, US, &reply(ONE, GATEWAY, OWN)).effect, Effect::Confirmed);
}

#[test]
fn what_this_hosts_table_knows_from_the_start_is_changed_by_the_first_lie() {
    let mut table = Table::new(US, vec![OWN], &[(GATEWAY, ONE)]);
    let sighting = hear(&mut table, 0, US, &reply(TWO, GATEWAY, OWN));
    let moved = News::Moved { from: ONE, moves: 1, flapping: false };
    assert_eq!((sighting.news, sighting.effect), (moved, Effect::Changed));
}

#[test]
fn same_again_is_worth_counting_only_unless_its_effect_is_another() {
    let mut table = table();
    let mut is_new = |arp: &Arp| hear(&mut table, 0, US, arp).is_new;
    let (request, reply) = (Arp::request(ONE, GATEWAY, OWN), reply(ONE, GATEWAY, OWN));
    let told = [&reply, &reply, &request, &request, &request].map(&mut is_new);
    assert_eq!(told, [true, false, true, true, false], "if asked, again, made, confirmed, again");
    assert_eq!(table.stations().map(|station| station.packets).sum::<u64>(), 5);
}

#[test]
fn address_that_returns_within_a_minute_flaps_and_later_it_moves() {
    let mut table = table();
    let moved = |from, moves, flapping| News::Moved { from, moves, flapping };
    assert_eq!(claim(&mut table, 0, ONE), News::At { first: true });
    assert_eq!(claim(&mut table, 10, TWO), moved(ONE, 1, false));
    assert_eq!(claim(&mut table, 69, ONE), moved(TWO, 2, true));
    assert_eq!(claim(&mut table, 70, ONE), News::At { first: false });
    assert_eq!(claim(&mut table, 129, TWO), moved(ONE, 3, false));
    assert_eq!(claim(&mut table, 130, THREE), moved(TWO, 4, false));
    assert_eq!(claim(&mut table, 131, TWO), moved(THREE, 5, true));
}

#[test]
fn our_address_at_another_station_is_a_conflict_each_time_and_never_moves() {
    let mut table = table();
    for at in 0..2 {
        let sighting = hear(&mut table, at, Mac::BROADCAST, &Arp::request(ONE, OWN, OWN));
        assert_eq!((sighting.news, sighting.effect), (News::Conflict, Effect::Nothing));
    }
    let stations: Vec<(Mac, bool, u64)> = table.stations().map(|s| (s.mac, s.ours, s.packets)).collect();
    assert_eq!((stations, table.addresses()), (vec![(ONE, false, 2), (US, true, 0)], 0));
}

#[test]
fn probe_for_an_address_that_somebody_has_names_its_holder() {
    let mut table = table();
    claim(&mut table, 0, ONE);
    let held = |holder| News::Probe { held_by: Some(holder), sought_by: None };
    assert_eq!(probe(&mut table, 0, TWO, GATEWAY), (held(ONE), true));
    assert_eq!(probe(&mut table, 0, TWO, OWN), (held(US), true));
    // Its holder may check its own.
    let free = News::Probe { held_by: None, sought_by: None };
    assert_eq!(probe(&mut table, 20, ONE, GATEWAY), (free.clone(), true));
    assert_eq!(probe(&mut table, 20, ONE, OTHER), (free, true));
}

#[test]
fn two_that_probe_for_one_address_within_seven_seconds_contend_for_it() {
    let mut table = table();
    let by = |sought_by| News::Probe { held_by: None, sought_by };
    assert_eq!(probe(&mut table, 0, ONE, OTHER), (by(None), true));
    // The second and third probe of one check are no news.
    assert_eq!(probe(&mut table, 2, ONE, OTHER), (by(None), false));
    assert_eq!(probe(&mut table, 3, TWO, OTHER), (by(Some(ONE)), true));
    assert_eq!(probe(&mut table, 4, ONE, OTHER), (by(Some(TWO)), true));
    assert_eq!(probe(&mut table, 12, TWO, OTHER), (by(None), true));
    // A probe says nothing of who has the address.
    assert_eq!((table.addresses(), table.stations().count()), (0, 0));
}

#[test]
fn memory_is_bounded_whatever_is_forged() {
    let mut table = table();
    let frame = Ethernet { destination: Mac::BROADCAST, source: ONE, ethertype: ethernet::ARP };
    for number in 0..70_000_u32 {
        let address = Ipv4Addr::from_bits(0x0b00_0000 + number);
        table.hear(Time(number.into()), &frame, &Arp::request(ONE, address, OTHER));
        table.hear(Time(number.into()), &frame, &Arp::request(ONE, Ipv4Addr::UNSPECIFIED, address));
        let [.., high, low] = number.to_be_bytes();
        table.hear(Time(number.into()), &frame, &Arp::request(Mac([2, 0, 0, 1, high, low]), OTHER, GATEWAY));
    }
    assert_eq!((table.bindings.len(), table.probes.len()), (MOST, MOST_PROBES));
    assert_eq!(table.bindings[&OTHER].stations.len(), MOST_STATIONS);
    // Of the addresses 65,534 beside ours and this one; of its stations 64, two packets each.
    assert_eq!(table.not_kept(), (70_000 - 65_534) + (70_000 - 2 * 64));
    // Those that are kept are watched as before.
    let known = Arp::request(TWO, Ipv4Addr::from_bits(0x0b00_0000), OTHER);
    assert_eq!(hear(&mut table, 1, Mac::BROADCAST, &known).news, News::Moved { from: ONE, moves: 1, flapping: false });
}
