//! Figures of packets at random: their text lies over no border and no other text, by computed widths, and they are valid XML.

use crate::canvas::{Text, WIDTH};
use crate::chance::{Chance, frame};
use crate::{
    Caption, Captured, Departure, Join, Ladder, Line, Mark, Party, Place, Plot, Refusal, Role, Stretch, Wait, Way,
    grid, hexdump, layers, pieces, states, topology, waits,
};
use roxmltree::{Document, Node};
use std::time::Duration;
use wire::dissect::{LinkType, Protocol, dissect};

type Point = (f64, f64);

/// What of a text has ink: its base line is at `at`, and it runs along `along`.
#[derive(Debug, Clone)]
struct Ink {
    text: String,
    corners: [Point; 4],
}

impl Ink {
    fn of(node: Node<'_, '_>) -> Self {
        let text = node.text().unwrap().to_string();
        let class: Vec<&str> = node.attribute("class").unwrap_or_default().split(' ').collect();
        let kinds = [Text::Plain, Text::Muted, Text::Number, Text::Value, Text::Strong, Text::Title, Text::Bad];
        let style: Vec<&str> =
            class.iter().copied().filter(|name| !name.is_empty() && !["c", "e", "halo"].contains(name)).collect();
        let kind = kinds.into_iter().find(|kind| {
            let own: Vec<&str> = kind.class().split(' ').filter(|name| !name.is_empty()).collect();
            own == style
        });
        let kind = kind.unwrap_or_else(|| panic!("no kind of text has the classes {style:?}"));
        let width = kind.width(&text);
        let size = match kind {
            Text::Title => 13.0,
            Text::Value => 12.0,
            _ => 11.0,
        };
        let number = |name: &str| node.attribute(name).map_or(0.0, |text| text.parse::<f64>().unwrap());
        let (at, along) = match node.attribute("transform") {
            None => ((number("x"), number("y")), (1.0, 0.0)),
            Some(transform) => {
                let matrix = transform.strip_prefix("matrix(").and_then(|rest| rest.strip_suffix(')')).unwrap();
                let numbers: Vec<f64> = matrix.split(' ').map(|number| number.parse().unwrap()).collect();
                ((numbers[4], numbers[5]), (numbers[0], numbers[1]))
            }
        };
        let start = match () {
            () if class.contains(&"c") => -width / 2.0,
            () if class.contains(&"e") => -width,
            () => 0.0,
        };
        let has = |letters: &str| text.chars().any(|letter| letters.contains(letter));
        let ascent = if has("bdfhijklt()[]|/") { 0.77 } else { 0.72 } * size;
        let descent = if has("gjpqyQ,;()[]|/_") { 0.24 } else { 0.02 } * size;
        let corner =
            |right: f64, down: f64| (at.0 + along.0 * right - along.1 * down, at.1 + along.1 * right + along.0 * down);
        let corners = [
            corner(start, -ascent),
            corner(start + width, -ascent),
            corner(start + width, descent),
            corner(start, descent),
        ];
        Self { text, corners }
    }

    fn meets(&self, shape: &[Point]) -> bool {
        let edge = |from: Point, to: Point| (from.1 - to.1, to.0 - from.0);
        let [a, b, _, d] = self.corners;
        let mut axes = vec![edge(a, b), edge(a, d)];
        axes.extend(shape.windows(2).map(|pair| edge(pair[0], pair[1])));
        let shadow = |axis: Point, points: &[Point]| {
            let along = points.iter().map(|(x, y)| x * axis.0 + y * axis.1);
            along.fold((f64::MAX, f64::MIN), |(least, most), at| (least.min(at), most.max(at)))
        };
        axes.into_iter().all(|axis| {
            let ((from, to), (least, most)) = (shadow(axis, &self.corners), shadow(axis, shape));
            from < most - 1e-6 && least < to - 1e-6
        })
    }
}

/// What a figure has: its texts, and the borders of its cells and boxes.
pub(crate) struct Seen {
    texts: Vec<Ink>,
    borders: Vec<[Point; 2]>,
    height: f64,
}

impl Seen {
    /// Reads a figure, which must be XML.
    pub(crate) fn of(figure: &str) -> Self {
        let document = Document::parse(figure).unwrap_or_else(|error| panic!("{error}\n{figure}"));
        let texts = document.descendants().filter(|node| node.has_tag_name("text")).map(Ink::of).collect();
        let mut borders = vec![];
        for node in document.descendants() {
            let class = node.attribute("class").unwrap_or_default();
            if node.has_tag_name("rect") {
                let number = |name: &str| node.attribute(name).unwrap().parse::<f64>().unwrap();
                let (x, y, width, height) = (number("x"), number("y"), number("width"), number("height"));
                let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)];
                borders.extend(corners.windows(2).map(|pair| [pair[0], pair[1]]));
            } else if node.has_tag_name("path") && class.starts_with("f-") {
                borders.extend(segments(node.attribute("d").unwrap()));
            }
        }
        let height = document.root_element().attribute("viewBox").unwrap().split(' ').next_back().unwrap();
        Self { texts, borders, height: height.parse().unwrap() }
    }

    /// Fails where texts lie over each other, or over the picture's edge.
    pub(crate) fn hold_texts_apart(&self) {
        for (number, text) in self.texts.iter().enumerate() {
            for (x, y) in text.corners {
                let within = (-0.05..=WIDTH + 0.05).contains(&x) && (-0.05..=self.height + 0.05).contains(&y);
                assert!(within, "'{}' leaves the picture at {x:.1}, {y:.1}", text.text);
            }
            for other in &self.texts[number + 1..] {
                assert!(!text.meets(&other.corners), "'{}' lies over '{}'", text.text, other.text);
            }
        }
    }

    /// Fails where a text lies over a border.
    fn hold_borders_free(&self) {
        for text in &self.texts {
            for border in &self.borders {
                assert!(
                    !text.meets(border),
                    "'{}' lies over a border from {:?} to {:?}",
                    text.text,
                    border[0],
                    border[1]
                );
            }
        }
    }
}

/// The lines of a path of the commands M, H, V and Z.
fn segments(path: &str) -> Vec<[Point; 2]> {
    let mut segments = vec![];
    let (mut at, mut start) = ((0.0, 0.0), (0.0, 0.0));
    for command in path.split_terminator('Z') {
        let mut rest = command;
        while let Some(letter) = rest.chars().next() {
            let end = rest[1..].find(|letter: char| letter.is_ascii_alphabetic()).map_or(rest.len(), |end| end + 1);
            let numbers: Vec<f64> = rest[1..end].split(' ').map(|number| number.parse().unwrap()).collect();
            let to = match letter {
                'M' => (numbers[0], numbers[1]),
                'H' => (numbers[0], at.1),
                'V' => (at.0, numbers[0]),
                other => panic!("a cell's border with {other}"),
            };
            if letter == 'M' {
                start = to;
            } else {
                segments.push([at, to]);
            }
            at = to;
            rest = &rest[end..];
        }
        segments.push([at, start]);
        at = start;
    }
    segments
}

#[test]
fn text_of_a_thousand_random_headers_stays_within_its_cells() {
    let (mut chance, mut grids, mut kinds) = (Chance(0x9e37_79b9_7f4a_7c15), 0, std::collections::BTreeSet::new());
    while grids < 1000 {
        let bytes = frame(&mut chance);
        let dissection = dissect(&bytes, LinkType::Ethernet);
        for layer in dissection.layers() {
            let Ok(figure) = grid(&Caption::new("any", "A header of random values"), layer) else { continue };
            let seen = Seen::of(&figure);
            seen.hold_texts_apart();
            seen.hold_borders_free();
            assert!(!figure.contains("\n\n"));
            kinds.insert(layer.protocol());
            grids += 1;
        }
    }
    let all = [Protocol::Ethernet, Protocol::Tag, Protocol::Arp, Protocol::Ipv4, Protocol::Ipv6, Protocol::Icmp];
    assert!(all.iter().all(|protocol| kinds.contains(protocol)) && kinds.len() >= 12, "{kinds:?}");
}

#[test]
fn text_of_a_hundred_random_messages_stays_within_its_layers() {
    let mut chance = Chance(0xba5e_ba11_ba5e_ba11);
    for _ in 0..100 {
        let mut place = |name: &str| {
            let bytes = frame(&mut chance);
            let (original_len, link) = (bytes.len(), LinkType::Ethernet);
            let packet = Captured { at: Duration::ZERO, bytes, original_len, link, way: Way::Unknown, lost: false };
            Place { name: name.into(), packet }
        };
        let places = [place("here"), place("between a router and somebody else with a very long name, and others")];
        let seen = Seen::of(&layers(&Caption::new("any", "A message of random bytes"), &places).unwrap());
        seen.hold_texts_apart();
        seen.hold_borders_free();
    }
    assert_eq!(layers(&Caption::new("any", "Nothing"), &[]), Err(Refusal::NothingFlew));
}

#[test]
fn hexdumps_of_a_thousand_random_frames_show_every_byte_once_and_are_valid() {
    let mut chance = Chance(0x1234_5678_9abc_def1);
    for _ in 0..1000 {
        let bytes = frame(&mut chance);
        let figure = hexdump(&Caption::new("any", "A frame of random bytes"), &dissect(&bytes, LinkType::Ethernet));
        let document = Document::parse(&figure).unwrap_or_else(|error| panic!("{error}\n{figure}"));
        let pre = document.descendants().find(|node| node.has_tag_name("pre")).unwrap();
        let hex = pre.children().filter(|node| node.has_tag_name("b") && node.attribute("tabindex").is_some());
        let shown: Vec<u8> = hex
            .flat_map(|node| node.text().unwrap().split(' '))
            .map(|byte| u8::from_str_radix(byte, 16).unwrap())
            .collect();
        assert_eq!(shown, bytes[..bytes.len().min(192)]);
        let unlit = pre.descendants().any(|node| node.has_tag_name("b") && node.attribute("class") == Some(""));
        assert!(!unlit, "each byte has a field");
        assert!(!figure.contains("\n\n"));
    }
}

#[test]
fn labels_of_a_hundred_random_ladders_lie_over_no_other() {
    let mut chance = Chance(0xfeed_beef_dead_cafe);
    for _ in 0..100 {
        let names = ["a", "router-with-a-long-name", "c", "d", "e", "f"];
        let count = 2 + chance.below(5);
        let mut seen: Vec<(Party, Vec<Captured>)> = names[..count]
            .iter()
            .map(|name| (Party { name: (*name).into(), address: "192.168.100.100".into() }, vec![]))
            .collect();
        let mut at = Duration::ZERO;
        for _ in 0..1 + chance.below(20) {
            let (from, hop) = (chance.below(count), 1 + chance.below(count - 1));
            let to = (from + hop) % count;
            let mut bytes = frame(&mut chance);
            if bytes.len() < 14 {
                continue;
            }
            for (station, byte) in [(to, 0), (from, 6)] {
                bytes[byte..byte + 6].copy_from_slice(&[2, 0, 0, 0, 0, u8::try_from(station).unwrap()]);
            }
            at += Duration::from_micros(u64::try_from(chance.below(40_000)).unwrap());
            let takes = Duration::from_micros(u64::try_from(500 + chance.below(20_000)).unwrap());
            let captured = |at, way| Captured {
                at,
                original_len: bytes.len(),
                bytes: bytes.clone(),
                link: LinkType::Ethernet,
                way,
                lost: false,
            };
            seen[from].1.push(captured(at, Way::Sent));
            if chance.below(6) > 0 {
                seen[to].1.push(captured(at + takes, Way::Received));
            }
        }
        for (_, packets) in &mut seen {
            packets.sort_by_key(|packet| packet.at);
        }
        let caption = Caption::new("any", "A ladder of random frames");
        let states = |from: u64| -> Vec<(Duration, String)> {
            let all = tcp::State::ALL.iter().zip(from..);
            all.map(|(state, at)| (Duration::from_millis(at * at), state.to_string())).collect()
        };
        let two = Ladder::of(&seen[..2]).living(names[0], &states(0)).living(names[1], &states(5));
        for ladder in [Ladder::of(&seen), Ladder::of_one_side(&seen[0].1), two] {
            if let Ok(figure) = ladder.draw(&caption) {
                Seen::of(&figure).hold_texts_apart();
            }
        }
    }
}

#[test]
fn text_of_the_states_lies_over_no_bar_and_a_change_without_a_place_is_refused() {
    let caption = Caption::new("any", "The states of a connection");
    let seen = Seen::of(&states(&caption, &tcp::CHANGES).unwrap());
    seen.hold_texts_apart();
    seen.hold_borders_free();
    let (from, to) = (tcp::State::TimeWait, tcp::State::Established);
    let odd = tcp::Change { from, cause: tcp::Cause::Syn, sends: "", to };
    assert_eq!(states(&caption, &[odd]), Err(Refusal::NoPlace(from, to)));
}

#[test]
fn text_of_all_networks_lies_over_no_bar() {
    for (name, _) in sim::Net::builtin() {
        let net = sim::Net::load(name).unwrap();
        let seen = Seen::of(&topology(&Caption::new(name, net.title()), &net.map()));
        seen.hold_texts_apart();
        seen.hold_borders_free();
    }
}

/// Networks of up to nine nodes with cables and a switch between any of them.
#[test]
fn text_of_random_networks_lies_over_no_bar() {
    let mut chance = Chance(0x0dd0_feed_0dd0_feed);
    for _ in 0..300 {
        let nodes = 2 + chance.below(8);
        let mut on = vec![String::new(); nodes];
        let mut links = String::from("[links]\n");
        for link in 0..1 + chance.below(nodes + 2) {
            let (from, hop) = (chance.below(nodes), 1 + chance.below(nodes - 1));
            for (host, node) in [(1, from), (2, (from + hop) % nodes)] {
                on[node] += &format!("on.link{link} = \"10.1{link:02}.100.{host}/24\"\n");
            }
            links += &format!("link{link} = {{ delay = \"{} ms\", mtu = 1400 }}\n", chance.below(100));
        }
        for (node, on) in on.iter_mut().enumerate() {
            let cable = format!("on.sw = \"10.9.0.{}/16\"\n", node + 1);
            if on.is_empty() || chance.below(2) == 0 {
                on.push_str(&cable);
            }
        }
        if on.iter().any(|on| on.contains("on.sw")) {
            links += "sw = { kind = \"switch\", delay = \"0.1 ms\" }\n";
        }
        let tables: String = on.iter().enumerate().map(|(node, on)| format!("[routers.node-{node}]\n{on}")).collect();
        let text = format!("title = \"Any\"\nat = \"node-0\"\n{tables}{links}");
        let net = sim::Net::parse("any", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let seen = Seen::of(&topology(&Caption::new("any", "A random network"), &net.map()));
        seen.hold_texts_apart();
        seen.hold_borders_free();
    }
}

#[test]
fn labels_of_random_plots_lie_over_no_other() {
    let mut chance = Chance(0xc0ff_ee00_c0ff_ee00);
    let joins = [Join::Straight, Join::Dashed, Join::Steps, Join::DashedSteps, Join::DottedSteps];
    for _ in 0..200 {
        let scale = [0.001, 1.0, 50.0, 100_000.0][chance.below(4)];
        let mut number = |limit: usize| f64::from(u32::try_from(chance.below(limit)).unwrap()) * scale;
        let mut line = |join: Join, points: u32| Line {
            name: format!("{join:?}"),
            role: Role::Data,
            join,
            points: (0..points).map(|at| (f64::from(at) * 40.0, number(100))).collect(),
        };
        let lines = (1..6).map(|count| line(joins[usize::try_from(count).unwrap() - 1], count * count)).collect();
        let marks = (0..3).map(|at| Mark { at: (f64::from(at) * 70.0, number(100)), word: "timeout".into() }).collect();
        let plot = Plot { x: "ms since the first segment".into(), y: "Window in bytes".into(), lines, marks };
        Seen::of(&plot.draw(&Caption::new("any", "Random lines")).unwrap()).hold_texts_apart();
    }
    let nothing = Plot { x: String::new(), y: String::new(), lines: vec![], marks: vec![] };
    assert_eq!(nothing.draw(&Caption::new("any", "Nothing")), Err(Refusal::NoPoints));
}

#[test]
fn numbers_of_random_pieces_lie_over_no_other() {
    let mut chance = Chance(0xabad_1dea_abad_1dea);
    for _ in 0..200 {
        let mut piece = |offset: usize, len: usize, more: bool| {
            let mut bytes = wire::ipv4::example();
            bytes.truncate(20);
            bytes[2..4].copy_from_slice(&u16::try_from(20 + len).unwrap().to_be_bytes());
            let word = u16::try_from(offset / 8).unwrap() | if more { 0x2000 } else { 0 };
            bytes[6..8].copy_from_slice(&word.to_be_bytes());
            bytes.extend(chance.bytes(len));
            let (original_len, link) = (bytes.len(), LinkType::RawIp);
            Captured { at: Duration::ZERO, bytes, original_len, link, way: Way::Unknown, lost: false }
        };
        let total = 1480;
        let whole = piece(0, total, false);
        let mut way = vec![Stretch { name: "net0: a – b".into(), mtu: 1500, packets: vec![whole.clone()] }];
        for mtu in [1400_u16, 576, 68] {
            let most = usize::from(mtu - 20) / 8 * 8;
            let offsets = (0..total).step_by(most);
            let packets =
                offsets.map(|offset| piece(offset, most.min(total - offset), offset + most < total)).collect();
            way.push(Stretch { name: format!("net{mtu}: somebody – somebody-else-with-a-long-name"), mtu, packets });
        }
        Seen::of(&pieces(&Caption::new("any", "Pieces"), &whole, &way).unwrap()).hold_texts_apart();
    }
}

#[test]
fn text_of_random_waits_lies_over_no_other() {
    let mut chance = Chance(0x1dea_cafe_1dea_cafe);
    for _ in 0..200 {
        let mut request = |name: &str| {
            let mut after = Duration::ZERO;
            let departures = (0..1 + chance.below(4)).map(|_| {
                let segments = (0..1 + chance.below(12)).map(|_| [1460, 1460, 620, 4][chance.below(4)]).collect();
                let departure = Departure { after, segments, held: Some("held by the congestion window".into()) };
                after += Duration::from_micros(u64::try_from(chance.below(90_000)).unwrap());
                departure
            });
            Wait { name: name.into(), departures: departures.collect(), answered: after }
        };
        let requests = [request("one"), request("another with a name that is longer than a row of the picture can be")];
        Seen::of(&waits(&Caption::new("any", "Waits"), &requests).unwrap()).hold_texts_apart();
    }
}
