//! What holds for any bytes and any values: reading and writing are inverse to each other, and sums are what RFC 1071 says.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test stops where something is not as it must be, and builds packets byte by byte"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::WireError;
use wire::arp::Arp;
use wire::checksum::{self, Checksum};
use wire::dhcp::Dhcp;
use wire::dhcp::options::{self as dhcp_options, DhcpOption, DhcpOptions};
use wire::ethernet::{Ethernet, Tag};
use wire::extensions::{
    self, ExtensionHeader, Extensions, InterfaceInformation, InterfaceType, LabelStackEntry, Object, ObjectHeader, Role,
};
use wire::fields::{Bits, Field};
use wire::icmp::{
    self, AddressMask, Echo, Icmp, ParameterProblem, Redirect, RouterAdvertisement, RouterEntry, TimeExceeded,
    Timestamp, Unreachable,
};
use wire::icmpv6::options::{DnsServers, LinkLayerAddress, MtuOption, NdOptions, PrefixInformation, RedirectedHeader};
use wire::icmpv6::{
    Error, Icmpv6, NeighborAdvertisement, NeighborSolicitation, PacketTooBig, Redirect as Redirect6,
    RouterAdvertisement as Router,
};
use wire::ipv4::Ipv4;
use wire::ipv6::Ipv6;
use wire::ipv6::extension::{Ah, Chain, Esp, Fragment, OptionsHeader, Routing};
use wire::linux_cooked::{LinuxCooked, LinuxCooked2};
use wire::options::{self, Options};
use wire::tcp::options::{self as tcp_options, SackBlock, SackBlocks, TcpOption, TcpOptions};
use wire::tcp::{QuotedTcp, Tcp};
use wire::udp::Udp;

/// The bits of `field` in `bytes`, one by one.
fn bits(bytes: &[u8], field: &Field) -> u64 {
    (field.bit..field.bit + field.bits)
        .fold(0, |value, bit| value << 1 | u64::from(bytes[bit / 8] >> (7 - bit % 8) & 1))
}

fn mask(field: &Field) -> u64 {
    u64::MAX >> (64 - field.bits)
}

/// For each header: random bytes to fields to bytes; and random fields to bytes to fields, each at the bits that its row names
/// and, where its value is too wide for them, nowhere else.
macro_rules! inverse {
    ($($test:ident: $Header:ident { $($field:ident),* };)*) => { proptest! { $(
        #[test]
        fn $test(
            bytes: [u8; $Header::LEN],
            behind in vec(any::<u8>(), 0..4),
            numbers in vec(any::<u64>(), $Header::FIELDS.len()),
            too_wide: bool,
        ) {
            let input = [&bytes[..], &behind].concat();
            let (header, rest) = $Header::take(&input).unwrap();
            let mut output = vec![0xa5; input.len()];
            header.emit(&mut output).unwrap().copy_from_slice(rest);
            prop_assert_eq!(output, input);

            let rows = $Header::FIELDS.iter().zip(numbers);
            let mut drawn = rows.map(|(row, number)| if too_wide { number } else { number & mask(row) });
            let drawn = $Header { $($field: Bits::from_bits(drawn.next().unwrap())),* };
            let emitted = drawn.bytes();
            let values = [$(Bits::to_bits(drawn.$field)),*];
            prop_assert_eq!(values.len(), $Header::FIELDS.len());
            for (row, value) in $Header::FIELDS.iter().zip(values) {
                prop_assert_eq!(bits(&emitted, row), value & mask(row), "{}", row.name);
            }
            let read = $Header::read(&emitted);
            prop_assert_eq!(read.bytes(), emitted);
            if !too_wide {
                prop_assert_eq!(read, drawn);
            }
            prop_assert!($Header::take(&bytes[1..]).is_err());
            prop_assert!(drawn.emit(&mut [0; $Header::LEN - 1]).is_none());
        }
    )* } };
}

inverse! {
    ethernet_is_emitted_as_it_was_parsed: Ethernet { destination, source, ethertype };
    tag_is_emitted_as_it_was_parsed: Tag { priority, drop_eligible, vlan, ethertype };
    arp_is_emitted_as_it_was_parsed: Arp {
        hardware_type, protocol_type, hardware_length, protocol_length, operation, sender_mac, sender, target_mac, target
    };
    ipv4_is_emitted_as_it_was_parsed: Ipv4 {
        version, ihl, dscp, ecn, total_length, identification, reserved, dont_fragment, more_fragments, fragment_offset, ttl,
        protocol, checksum, source, destination
    };
    icmp_is_emitted_as_it_was_parsed: Icmp { kind, code, checksum };
    echo_is_emitted_as_it_was_parsed: Echo { identifier, sequence };
    unreachable_is_emitted_as_it_was_parsed: Unreachable { unused, length, next_hop_mtu };
    time_exceeded_is_emitted_as_it_was_parsed: TimeExceeded { unused, length, zero };
    parameter_problem_is_emitted_as_it_was_parsed: ParameterProblem { pointer, length, zero };
    redirect_is_emitted_as_it_was_parsed: Redirect { gateway };
    extension_header_is_emitted_as_it_was_parsed: ExtensionHeader { version, reserved, checksum };
    object_header_is_emitted_as_it_was_parsed: ObjectHeader { length, class_num, c_type };
    label_stack_entry_is_emitted_as_it_was_parsed: LabelStackEntry { label, traffic_class, bottom_of_stack, ttl };
    interface_type_is_emitted_as_it_was_parsed: InterfaceType {
        role, reserved, has_if_index, has_address, has_name, has_mtu
    };
    udp_is_emitted_as_it_was_parsed: Udp { source_port, destination_port, length, checksum };
    tcp_is_emitted_as_it_was_parsed: Tcp {
        source_port, destination_port, sequence_number, acknowledgment_number, data_offset, reserved, ae, cwr, ece, urg, ack, psh,
        rst, syn, fin, window, checksum, urgent_pointer
    };
    quoted_tcp_is_emitted_as_it_was_parsed: QuotedTcp { source_port, destination_port, sequence_number };
    timestamp_is_emitted_as_it_was_parsed: Timestamp { identifier, sequence, originate, receive, transmit };
    address_mask_is_emitted_as_it_was_parsed: AddressMask { identifier, sequence, address_mask };
    router_advertisement_is_emitted_as_it_was_parsed: RouterAdvertisement { addresses, entry_size, lifetime };
    router_entry_is_emitted_as_it_was_parsed: RouterEntry { router, preference };
    options_header_is_emitted_as_it_was_parsed: OptionsHeader { next_header, length };
    routing_is_emitted_as_it_was_parsed: Routing { next_header, length, routing_type, segments_left };
    fragment_is_emitted_as_it_was_parsed: Fragment {
        next_header, reserved, fragment_offset, reserved2, more_fragments, identification
    };
    ah_is_emitted_as_it_was_parsed: Ah { next_header, payload_len, reserved, spi, sequence_number };
    esp_is_emitted_as_it_was_parsed: Esp { spi, sequence_number };
    icmpv6_is_emitted_as_it_was_parsed: Icmpv6 { kind, code, checksum };
    icmpv6_error_is_emitted_as_it_was_parsed: Error { length, unused };
    packet_too_big_is_emitted_as_it_was_parsed: PacketTooBig { mtu };
    router_of_ipv6_is_emitted_as_it_was_parsed: Router {
        cur_hop_limit, managed, other, home_agent, preference, reserved, router_lifetime, reachable_time, retrans_timer
    };
    link_layer_address_is_emitted_as_it_was_parsed: LinkLayerAddress { kind, length, address };
    mtu_option_is_emitted_as_it_was_parsed: MtuOption { kind, length, reserved, mtu };
    dns_servers_are_emitted_as_they_were_parsed: DnsServers { kind, length, reserved, lifetime };
}

/// The same for headers with rows that are wider than a number: bytes to fields to bytes, and each bit in one field.
macro_rules! wide {
    ($($test:ident: $Header:ident;)*) => { proptest! { $(
        #[test]
        fn $test(bytes in vec(any::<u8>(), $Header::LEN), bit in 0..$Header::LEN * 8) {
            let header = $Header::read(bytes[..].as_array().unwrap());
            prop_assert_eq!(&header.bytes()[..], &bytes[..]);
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            prop_assert!($Header::read(flipped[..].as_array().unwrap()) != header);
            prop_assert!($Header::take(&bytes[1..]).is_err());
        }
    )* } };
}

wide! {
    ipv6_is_emitted_as_it_was_parsed: Ipv6;
    neighbor_solicitation_is_emitted_as_it_was_parsed: NeighborSolicitation;
    neighbor_advertisement_is_emitted_as_it_was_parsed: NeighborAdvertisement;
    redirect_of_ipv6_is_emitted_as_it_was_parsed: Redirect6;
    prefix_information_is_emitted_as_it_was_parsed: PrefixInformation;
    redirected_header_is_emitted_as_it_was_parsed: RedirectedHeader;
    dhcp_is_emitted_as_it_was_parsed: Dhcp;
    linux_cooked_is_emitted_as_it_was_parsed: LinuxCooked;
    linux_cooked_2_is_emitted_as_it_was_parsed: LinuxCooked2;
}

proptest! {
    #[test]
    fn dhcp_options_are_read_as_they_were_written(list in vec((1u8..255, vec(any::<u8>(), 0..256)), 0..6), behind: [u8; 3]) {
        let list: Vec<DhcpOption<'_>> = list.iter().map(|(code, data)| DhcpOption { code: *code, data }).collect();
        let bytes = [&dhcp_options::emit(&list)[..], &behind].concat();
        prop_assert_eq!(DhcpOptions::new(&bytes).collect::<Result<Vec<_>, _>>(), Ok(list));
    }

    #[test]
    fn nd_options_make_up_their_bytes_or_end_at_a_length_that_lies(bytes in vec(prop_oneof![0u8..5, any::<u8>()], 0..80)) {
        let mut rest = &bytes[..];
        for option in NdOptions::new(&bytes) {
            match option {
                Ok(option) => {
                    prop_assert!(rest[0] == option.kind && rest[2..].starts_with(option.data));
                    rest = &rest[2 + option.data.len()..];
                }
                Err(error) => {
                    prop_assert_eq!(error.byte, bytes.len() - rest.len() + 1);
                    prop_assert!(rest.get(1).is_none_or(|length| *length == 0 || usize::from(*length) * 8 > rest.len()));
                    rest = &[];
                }
            }
        }
        prop_assert!(rest.is_empty(), "the walk ended before {:?}", rest);
    }

    #[test]
    fn chain_of_extension_headers_makes_up_its_bytes(first in any::<u8>(), bytes in vec(prop_oneof![0u8..3, Just(43u8), Just(44), Just(51), Just(60)], 0..120)) {
        let mut chain = Chain::new(first, &bytes);
        let headers: Vec<_> = chain.by_ref().collect();
        let len: usize = headers.iter().flatten().map(|header| header.bytes.len()).sum();
        match headers.last() {
            Some(Err(_)) => prop_assert!(chain.rest().is_empty()),
            _ => prop_assert_eq!(chain.rest(), &bytes[len..]),
        }
        prop_assert!(headers.iter().rev().skip(1).all(Result::is_ok), "{:?} goes on after an error", headers);
    }
}

/// Any option with data of its own length; `data` is what the others carry.
fn tcp_option(data: &[u8]) -> impl Strategy<Value = TcpOption<'_>> {
    let block = |(left_edge, right_edge)| SackBlock { left_edge, right_edge };
    let blocks = vec(any::<(u32, u32)>().prop_map(block), 1..5).prop_map(|blocks| SackBlocks::new(&blocks));
    prop_oneof![
        Just(TcpOption::NoOperation),
        Just(TcpOption::SackPermitted),
        any::<u16>().prop_map(TcpOption::MaximumSegmentSize),
        any::<u8>().prop_map(TcpOption::WindowScale),
        blocks.prop_map(TcpOption::Sack),
        any::<(u32, u32)>().prop_map(|(value, echo_reply)| TcpOption::Timestamps { value, echo_reply }),
        (9u8.., 0..data.len()).prop_map(move |(kind, len)| TcpOption::Other { kind, data: &data[..len] }),
    ]
}

fn interface(name: &[u8]) -> impl Strategy<Value = InterfaceInformation<'_>> {
    let roles = vec![Role::Incoming, Role::SubIpIncoming, Role::Outgoing, Role::NextHop];
    let fields = (any::<Option<u32>>(), any::<Option<IpAddr>>(), any::<Option<()>>(), any::<Option<u32>>());
    (prop::sample::select(roles), fields).prop_map(move |(role, (if_index, address, has_name, mtu))| {
        InterfaceInformation { role, if_index, address, name: has_name.map(|()| name), mtu }
    })
}

/// Any object; `bytes`, which do not end with a zero, are the name of an interface and the payload of others.
fn object(bytes: &[u8]) -> impl Strategy<Value = Object<'_>> {
    let entry = any::<(u32, u8, bool, u8)>().prop_map(|(label, traffic_class, bottom_of_stack, ttl)| LabelStackEntry {
        label: label >> 12,
        traffic_class: traffic_class >> 5,
        bottom_of_stack,
        ttl,
    });
    prop_oneof![
        vec(entry, 0..6).prop_map(Object::LabelStack),
        interface(bytes).prop_map(Object::Interface),
        (3u8.., any::<u8>()).prop_map(move |(class_num, c_type)| Object::Other { class_num, c_type, payload: bytes }),
    ]
}

/// RFC 1071 section 1 word for word: 16-bit words in network byte order, each carry added back as it comes.
fn naive(bytes: &[u8]) -> u16 {
    !bytes.chunks(2).fold(0u16, |sum, pair| {
        let word = u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]);
        let (sum, carry) = sum.overflowing_add(word);
        sum + u16::from(carry)
    })
}

#[test]
fn checksum_is_the_naive_one_at_every_length_and_alignment() {
    let bytes: Vec<u8> = (0..2000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (start, len) in (0..=1600).flat_map(|len| [(0, len), (1, len), (2, len), (3, len)]) {
        let bytes = &bytes[start..start + len];
        assert_eq!(Checksum::default().add(bytes).finish(), naive(bytes), "{len} bytes from {start}");
    }
    // Where the sums of 16 and of 32 bits could run over.
    for len in [0xfffe, 0xffff, 0x1_0000, 0x1_0001, 0x1_ffff, 0x2_0000, 0x2_0001, 0x2_0002, 0x2_0003, 0x5_0001] {
        let bytes = vec![0xff; len];
        assert_eq!(Checksum::default().add(&bytes).finish(), naive(&bytes), "{len} bytes of 0xff");
    }
}

proptest! {
    #[test]
    fn pieces_add_up_to_the_whole(pairs in vec(vec(any::<[u8; 2]>(), 0..40), 0..5), last in vec(any::<u8>(), 0..40)) {
        let mut pieces: Vec<Vec<u8>> = pairs.iter().map(|pairs| pairs.concat()).collect();
        pieces.push(last);
        let sum = pieces.iter().fold(Checksum::default(), |sum, piece| sum.add(piece));
        prop_assert_eq!(sum.finish(), naive(&pieces.concat()));
    }

    #[test]
    fn updated_checksum_is_the_one_computed_anew(
        mut words in vec(any::<u16>(), 2..40), which: prop::sample::Index, new in prop_oneof![any::<u16>(), Just(0), Just(0xffff)],
    ) {
        // One word that stays is not zero, as in every header: a sum over nothing but zeros has two values.
        words.push(0x4500);
        let at = which.index(words.len() - 1);
        let bytes = |words: &[u16]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<u8>>();
        let before = naive(&bytes(&words));
        let old = std::mem::replace(&mut words[at], new);
        prop_assert_eq!(checksum::update(before, old, new), naive(&bytes(&words)));
    }

    #[test]
    fn pseudo_header_is_summed_as_it_is_drawn(
        v4: [[u8; 4]; 2], v6: [[u8; 16]; 2], protocol: u8, payload in vec(any::<u8>(), 0..64),
    ) {
        let len = payload.len() as u16;
        let [source, destination] = v4.map(|address| IpAddr::from(Ipv4Addr::from(address)));
        // RFC 768: source, destination, zero, protocol, UDP length.
        let drawn = [&v4.concat(), &[0, protocol][..], &len.to_be_bytes(), &payload].concat();
        let sum = Checksum::default().pseudo_header(source, destination, protocol, payload.len()).add(&payload);
        prop_assert_eq!(sum.finish(), naive(&drawn));

        let [source, destination] = v6.map(|address| IpAddr::from(Ipv6Addr::from(address)));
        // RFC 8200 section 8.1: source, destination, length in 32 bits, three zeros, next header.
        let drawn = [&v6.concat(), &[0, 0][..], &len.to_be_bytes(), &[0, 0, 0, protocol], &payload].concat();
        let sum = Checksum::default().pseudo_header(source, destination, protocol, payload.len()).add(&payload);
        prop_assert_eq!(sum.finish(), naive(&drawn));
    }

    #[test]
    fn options_are_walked_to_an_end_in_any_bytes(bytes in vec(prop_oneof![0u8..8, any::<u8>()], 0..64)) {
        let mut options = Options::new(&bytes);
        let mut rest = &bytes[..];
        while let Some(Ok(option)) = options.by_ref().next() {
            let filler = option.kind == options::NO_OPERATION;
            let written = if filler { vec![1] } else { [&[option.kind, option.data.len() as u8 + 2], option.data].concat() };
            rest = rest.strip_prefix(&written[..]).expect("an option is what stands there");
        }
        // It ended at the end, at an end-of-list, or at an option that does not fit.
        let is_end = match rest {
            [] | [options::END, ..] => true,
            [options::NO_OPERATION, ..] => false,
            [_] => true,
            [_, len, ..] => !(2..=rest.len()).contains(&usize::from(*len)),
        };
        prop_assert!(is_end, "the walk ended before {:?}", rest);
        prop_assert_eq!(options.next(), None);
    }

    #[test]
    fn tcp_options_are_read_as_they_were_written(options in vec(tcp_option(&[5; 12]), 0..8)) {
        let bytes = tcp_options::emit(&options);
        prop_assert_eq!(bytes.len() % 4, 0);
        let read: Vec<TcpOption<'_>> = TcpOptions::new(&bytes).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(read, options);
    }

    #[test]
    fn tcp_options_are_walked_to_an_end_in_any_bytes(bytes in vec(prop_oneof![0u8..12, any::<u8>()], 0..64)) {
        let mut options = TcpOptions::new(&bytes);
        let mut rest = &bytes[..];
        let mut error = None;
        for option in options.by_ref() {
            match option {
                Ok(option) => {
                    let written = tcp_options::emit(&[option]);
                    let len = if option == TcpOption::NoOperation { 1 } else { usize::from(written[1]) };
                    rest = rest.strip_prefix(&written[..len]).expect("an option is what stands there");
                }
                Err(refused) => error = Some(refused),
            }
        }
        match (rest, error) {
            ([] | [tcp_options::END, ..], None) => {}
            ([_, behind @ ..], Some(error)) => {
                let known = [None, None, Some(4), Some(3), Some(2), None, None, None, Some(10)];
                let length = behind.first().map(|length| usize::from(*length));
                let is_wrong = length.is_none_or(|length| {
                    let must_be = known.get(usize::from(rest[0])).copied().flatten();
                    let is_sack = rest[0] == tcp_options::SACK && ![10, 18, 26, 34].contains(&length);
                    !(2..=rest.len()).contains(&length) || must_be.is_some_and(|must_be| must_be != length) || is_sack
                });
                prop_assert!(is_wrong, "{} in {:?}", error, rest);
                prop_assert_eq!(error.byte, bytes.len() - rest.len() + 1);
            }
            (rest, error) => prop_assert!(false, "the walk ended before {:?} with {:?}", rest, error),
        }
        prop_assert_eq!(options.next(), None);
    }

    #[test]
    fn extensions_are_read_as_they_were_written(
        objects in vec(object(b"ge-0/0/1.100"), 0..5), datagram in vec(any::<u8>(), 0..600), kind in prop::sample::select(&[3u8, 11, 12][..]),
    ) {
        let message = extensions::message(kind, 0, [0; 4], &datagram, &objects);
        prop_assert!(icmp::is_intact(&message));
        let quoted = icmp::parse(&message).unwrap().1.quoted().unwrap();
        let read = quoted.extensions.unwrap();
        prop_assert!(quoted.is_compliant && read.has_right_checksum());
        prop_assert_eq!(read.objects().collect::<Result<Vec<_>, _>>().unwrap(), objects);
        let len = datagram.len().min(quoted.datagram.len());
        prop_assert_eq!(&quoted.datagram[..len], &datagram[..len]);
        prop_assert!(quoted.datagram[len..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn extensions_are_walked_to_an_end_in_any_bytes(bytes in vec(prop_oneof![Just(0u8), 0u8..10, any::<u8>()], 0..120)) {
        let bytes = [&[0x20, 0, 0, 0], &bytes[..]].concat();
        let extensions = Extensions::parse(&bytes).unwrap();
        let objects: Vec<Result<Object<'_>, WireError>> = extensions.objects().collect();
        prop_assert!(objects.iter().rev().skip(1).all(Result::is_ok), "{:?} goes on after an error", objects);
        if objects.iter().all(Result::is_ok) {
            let mut rest = &bytes[4..];
            for _ in &objects {
                rest = &rest[usize::from(u16::from_be_bytes([rest[0], rest[1]]))..];
            }
            prop_assert!(rest.is_empty(), "the walk ended before {:?}", rest);
        }
    }
}
