//! `book/figures.toml`: a table a figure.

use std::ops::Range;
use std::time::Duration;
use toml::de::{DeTable, DeValue};

/// What is to be drawn.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// The table's name, and the file's.
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) story: String,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// What is where in a network.
    Topology { net: String },
    /// The states of a TCP connection.
    States,
    /// The header of one packet.
    Grid { packet: Packet, layer: String },
    /// All bytes of one packet.
    Hexdump { packet: Packet },
    /// The DNS message of one packet, and where its pointers lead.
    Pointers { packet: Packet },
    /// Who sent what to whom.
    Ladder {
        from: Source,
        parties: Vec<String>,
        /// Routers that are not drawn, and what they pass on is.
        through: Vec<String>,
        only: Vec<String>,
        lost: Vec<String>,
        time: Option<Range<Duration>>,
        /// The node at the other end of the connection whose states are shown.
        states: Option<String>,
    },
    /// Numbers of a tool's events.
    Plot { run: String, event: String, x: Axis, y: Axis, lines: Vec<String> },
    /// A message at several places: the name of each, its capture and which of its packets, counted from 1. Of a run, the node that
    /// sees it, and words of its line.
    Layers { run: Option<String>, places: Vec<(String, String, String)> },
    /// What one packet became on each link.
    Pieces { run: String, packet: String, links: Vec<String> },
    /// Where the keys of a connection come from.
    Origins { run: String },
    /// How one record of a connection is opened: which of the server's, as the list counts all of them.
    Sealed { run: String, record: usize },
    /// The records of a connection, as the path and the ends see them.
    Views { run: String },
    /// When the bytes of the request of this number left: the name of each run, and its command.
    Waits { request: u64, runs: Vec<(String, String)> },
}

/// Where packets come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A command in the simulated network.
    Run(String),
    /// A file in the workspace, which is the capture of one machine.
    Capture(String),
}

/// A packet of a run or of a capture.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) from: Source,
    /// Of a run, the host that sees it; nothing: the one at which the tool runs.
    pub(crate) at: Option<String>,
    /// Words of its line; the first packet with them is meant.
    pub(crate) says: String,
}

/// What is drawn along an axis.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    /// The field of the event, as `ttl`; of the vertical axis, what is in common to the fields of all lines.
    pub(crate) field: String,
    /// What one unit of the axis is of the field's.
    pub(crate) per: f64,
    /// What stands at the axis.
    pub(crate) words: String,
}

impl Figure {
    pub(crate) fn extension(&self) -> &'static str {
        if matches!(self.kind, Kind::Hexdump { .. }) { "html" } else { "svg" }
    }
}

/// All figures, in the order of their names.
pub(crate) fn figures(text: &str) -> Vec<Figure> {
    let document = DeTable::parse(text).unwrap_or_else(|error| panic!("book/figures.toml: {error}"));
    let tables = document.get_ref().iter();
    tables.map(|(name, value)| figure(name.get_ref(), value.get_ref())).collect()
}

fn figure(name: &str, value: &DeValue<'_>) -> Figure {
    let DeValue::Table(table) = value else { panic!("{name} is no table") };
    let mut fields = Fields { name, table, taken: vec![] };
    let (title, story) = (fields.text("title"), fields.text("story"));
    let kind = match fields.text("kind").as_str() {
        "topology" => Kind::Topology { net: fields.text("net") },
        "states" => Kind::States,
        "grid" => Kind::Grid { packet: fields.packet(), layer: fields.text("layer") },
        "hexdump" => Kind::Hexdump { packet: fields.packet() },
        "pointers" => Kind::Pointers { packet: fields.packet() },
        "ladder" => Kind::Ladder {
            from: fields.source(),
            parties: fields.list("parties"),
            through: fields.list("through"),
            only: fields.list("only"),
            lost: fields.list("lost"),
            time: fields.optional("time").map(|text| time(&text)),
            states: fields.optional("states"),
        },
        "plot" => Kind::Plot {
            run: fields.text("run"),
            event: fields.text("event"),
            x: fields.axis("x"),
            y: fields.axis("y"),
            lines: fields.list("lines"),
        },
        "layers" => Kind::Layers {
            run: fields.optional("run"),
            places: fields.list("places").iter().map(|text| place(text)).collect(),
        },
        "pieces" => {
            Kind::Pieces { run: fields.text("run"), packet: fields.text("packet"), links: fields.list("links") }
        }
        "origins" => Kind::Origins { run: fields.text("run") },
        "sealed" => {
            Kind::Sealed { run: fields.text("run"), record: fields.text("record").parse().expect("a record's number") }
        }
        "views" => Kind::Views { run: fields.text("run") },
        "waits" => Kind::Waits {
            request: fields.text("request").parse().expect("a request's number"),
            runs: fields.list("runs").iter().map(|text| named(text)).collect(),
        },
        other => panic!("{name}: no figures of kind '{other}'"),
    };
    let unknown: Vec<&str> =
        table.keys().map(|key| &**key.get_ref()).filter(|key| !fields.taken.iter().any(|taken| taken == key)).collect();
    assert!(unknown.is_empty(), "{name}: nobody asks for {unknown:?}");
    Figure { name: name.to_string(), title, story, kind }
}

/// `"6.9 to 7.1 s"`.
fn time(text: &str) -> Range<Duration> {
    let ends = text.strip_suffix(" s").and_then(|text| text.split_once(" to "));
    let (from, until) = ends.unwrap_or_else(|| panic!("no time: '{text}'"));
    let seconds = |text: &str| Duration::from_secs_f64(text.parse().expect("a number"));
    seconds(from)..seconds(until)
}

/// `"before the router: testdata/captures/a.pcapng 13"`.
fn place(text: &str) -> (String, String, String) {
    let parts = text.split_once(": ").and_then(|(name, packet)| Some((name, packet.split_once(' ')?)));
    let (name, (file, number)) = parts.unwrap_or_else(|| panic!("no name, capture and packet: '{text}'"));
    (name.to_string(), file.to_string(), number.to_string())
}

/// `"the name: a command"`.
fn named(text: &str) -> (String, String) {
    let (name, command) = text.split_once(": ").unwrap_or_else(|| panic!("no name and no command: '{text}'"));
    (name.to_string(), command.to_string())
}

struct Fields<'a> {
    name: &'a str,
    table: &'a DeTable<'a>,
    taken: Vec<String>,
}

impl Fields<'_> {
    fn take(&mut self, key: &str) -> Option<&DeValue<'_>> {
        self.taken.push(key.to_string());
        self.table.get(key).map(toml::Spanned::get_ref)
    }

    fn text(&mut self, key: &str) -> String {
        let name = self.name.to_string();
        let found = self.take(key).and_then(DeValue::as_str).map(String::from);
        found.unwrap_or_else(|| panic!("{name} needs a text '{key}'"))
    }

    fn optional(&mut self, key: &str) -> Option<String> {
        self.take(key).and_then(DeValue::as_str).map(String::from)
    }

    /// Texts; none where the key is missing.
    fn list(&mut self, key: &str) -> Vec<String> {
        let values = self.take(key).map(|value| value.as_array().expect("a list").iter());
        values.into_iter().flatten().map(|value| value.get_ref().as_str().expect("texts").to_string()).collect()
    }

    fn packet(&mut self) -> Packet {
        Packet { from: self.source(), at: self.optional("at"), says: self.text("packet") }
    }

    fn source(&mut self) -> Source {
        self.optional("capture").map_or_else(|| Source::Run(self.text("run")), Source::Capture)
    }

    /// `"answers.*.rtt_ns / 1e6: round trip in ms"`.
    fn axis(&mut self, key: &str) -> Axis {
        let text = self.text(key);
        let (value, words) = text.split_once(": ").unwrap_or_else(|| panic!("{key} has no words: '{text}'"));
        let (field, per) = value.split_once(" / ").unwrap_or((value, "1"));
        Axis { field: field.to_string(), per: per.parse().expect("a number"), words: words.to_string() }
    }
}
