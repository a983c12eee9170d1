//! A packet as it is explained: a headline, a section a layer, and remarks below.

use super::cells::{Say, Told, style_of};
use super::changes::{Place, listed, same};
use super::packet::Packet;
use super::pen::{Line, Pen, WIDTH, wrap};
use super::section::{Section, bytes_of, counted};
use crate::{milliseconds, style};
use anstyle::Style;
use host::Time;
use wire::dissect::{Dissection, Kind, Layer, Protocol};

/// The column behind the time of a headline.
const TIME_ENDS_AT: usize = 76;

/// A packet that left or came.
pub struct Picture<'a> {
    leaves: bool,
    title: String,
    at: Time,
    packet: &'a Packet<'a>,
    against: Vec<Against<'a>>,
    say: Option<&'a Say<'a>>,
    unseen: Vec<(Protocol, String)>,
    remarks: Vec<Remark>,
    is_brief: bool,
}

/// What some layers of a packet are compared with, so that only what changed is marked.
#[derive(Debug, Clone)]
pub struct Against<'a> {
    /// The other packet.
    pub basis: &'a Packet<'a>,
    /// Which layers.
    pub layers: Layers,
    /// What stands beside a layer's name.
    pub heading: String,
    /// What is said of all that is the same, as in `came back unchanged`.
    pub same: String,
    /// What stands before the value that a field had, as in `it left with`; `None`: it is not told.
    pub was: Option<&'static str>,
}

/// Which layers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layers {
    /// All, with the same of the other packet.
    All,
    /// These that are not quoted, and their data.
    Only(&'static [Protocol]),
    /// Those that are quoted, with the other packet itself.
    Quoted,
}

/// A line below the sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// What is the same, or follows: `= …`.
    Fact(String),
    /// What is wrong: `! …`.
    Wrong(String),
    /// What is not known: `- …`.
    Open(String),
    /// Where there is more to read: `? …`.
    More(String),
}

impl<'a> Against<'a> {
    /// With an earlier packet of the same kind, as `probe 1`.
    #[must_use]
    pub fn since(what: &str, layers: Layers, basis: &'a Packet<'a>) -> Self {
        let heading = format!("only what changed since {what} is marked");
        Self { basis, layers, heading, same: format!("are as in {what}"), was: None }
    }
}

impl<'a> Picture<'a> {
    /// A packet that leaves at this time.
    #[must_use]
    pub fn leaving(title: impl Into<String>, at: Time, packet: &'a Packet<'a>) -> Self {
        let title = title.into();
        Self { leaves: true, title, at, packet, against: vec![], say: None, unseen: vec![], remarks: vec![], is_brief: false }
    }

    /// A packet that leaves at this time, of which nothing is to be drawn.
    #[must_use]
    pub fn brief(title: impl Into<String>, at: Time, packet: &'a Packet<'a>) -> Self {
        Self { is_brief: true, ..Self::leaving(title, at, packet) }
    }

    /// A packet that came at this time.
    #[must_use]
    pub fn arriving(title: impl Into<String>, at: Time, packet: &'a Packet<'a>) -> Self {
        Self { leaves: false, ..Self::leaving(title, at, packet) }
    }

    /// With layers that are compared; of several that fit a layer the first counts.
    #[must_use]
    pub fn against(mut self, against: impl IntoIterator<Item = Against<'a>>) -> Self {
        self.against.extend(against);
        self
    }

    /// With what a tool knows of fields.
    #[must_use]
    pub fn saying(self, say: &'a Say<'a>) -> Self {
        Self { say: Some(say), ..self }
    }

    /// With a sentence about a header that the program does not see.
    #[must_use]
    pub fn unseen(mut self, protocol: Protocol, sentence: impl Into<String>) -> Self {
        self.unseen.push((protocol, sentence.into()));
        self
    }

    /// With a remark.
    #[must_use]
    pub fn remark(mut self, remark: impl IntoIterator<Item = Remark>) -> Self {
        self.remarks.extend(remark);
        self
    }

    /// Its lines, none wider than [`WIDTH`]; the last is empty.
    #[must_use]
    pub fn lines(&self, pen: Pen) -> Vec<String> {
        let dissection = self.packet.dissect();
        let basis: Vec<Dissection<'_>> = self.against.iter().map(|against| against.basis.dissect()).collect();
        let drawn = Drawn::new(self, &dissection, &basis);
        let mut lines = self.headline(pen);
        lines.push(String::new());
        for (protocol, sentence) in &self.unseen {
            lines.extend(paragraph(&format!("  {protocol}  "), style_of(*protocol), sentence, pen));
            lines.push(String::new());
        }
        for section in drawn.sections.iter().filter(|_| !self.is_brief) {
            lines.extend(section.draw(pen));
            lines.push(String::new());
        }
        let remarks: Vec<&Remark> = drawn.remarks.iter().chain(&self.remarks).collect();
        for remark in &remarks {
            lines.extend(remark.lines(pen));
        }
        if !remarks.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    fn headline(&self, pen: Pen) -> Vec<String> {
        let time = format!("at {} ms", milliseconds(self.at - Time::START));
        let arrow = format!("{} ", pen.arrow(self.leaves));
        let indent = arrow.chars().count();
        let room = TIME_ENDS_AT.saturating_sub(time.len() + 2 + indent);
        let titles = wrap(&self.title, room, 0);
        let line = |(number, text): (usize, &String)| {
            let mut line = Line::default();
            line.plain(if number == 0 { &arrow } else { "" });
            line.pad_to(indent);
            line.put(style::TITLE, text);
            if number == 0 {
                line.pad_to(TIME_ENDS_AT.saturating_sub(time.len()));
                line.plain(&time);
            }
            line.drawn(pen)
        };
        titles.iter().enumerate().map(line).collect()
    }
}

impl Remark {
    /// Its lines, none wider than [`WIDTH`].
    #[must_use]
    pub fn lines(&self, pen: Pen) -> Vec<String> {
        match self {
            Self::Fact(text) => paragraph("  = ", style::OK, text, pen),
            Self::Wrong(text) => paragraph("  ! ", style::ERROR, text, pen),
            Self::Open(text) => paragraph("  - ", style::WARNING, text, pen),
            Self::More(text) => paragraph("  ? ", style::NOTE, text, pen),
        }
    }
}

/// `text` behind a mark, its further lines below its first.
fn paragraph(mark: &str, style: Style, text: &str, pen: Pen) -> Vec<String> {
    let indent = mark.len();
    let line = |(number, text): (usize, String)| {
        let mut line = Line::default();
        if number == 0 {
            line.put(style, mark);
        }
        line.pad_to(indent);
        line.plain(&text);
        line.drawn(pen)
    };
    wrap(text, WIDTH - indent, 0).into_iter().enumerate().map(line).collect()
}

/// What a picture shows.
struct Drawn<'d> {
    sections: Vec<Section<'d>>,
    remarks: Vec<Remark>,
}

impl<'d> Drawn<'d> {
    fn new(picture: &Picture<'_>, dissection: &'d Dissection<'d>, basis: &'d [Dissection<'d>]) -> Self {
        let silent: &Say<'_> = &|_: Told<'_, '_>| None;
        let say = picture.say.unwrap_or(silent);
        let layers = picture.packet.layers(dissection);
        let place = |layer| Place::new(dissection, layer);
        let mut sections: Vec<Section<'d>> = vec![];
        let mut wrong = vec![];
        let mut unchanged: Vec<Vec<String>> = vec![vec![]; picture.against.len()];
        let mut origin = 0;
        let mut data_is_shown = false;
        for (index, layer) in layers.iter().copied().enumerate() {
            let is_data = layer.protocol() == Protocol::Data;
            origin = if is_data && index > 0 { origin } else { layer.header().start };
            if let Some((number, before)) = picture.basis_of(layer, &layers, basis) {
                let Some(Against { heading, was, .. }) = picture.against.get(number) else { continue };
                let section = Section::changes(place(layer), before, origin, heading, *was, say);
                wrong.extend(lengths(place(layer), before));
                if !section.rows.is_empty() {
                    sections.push(section);
                }
                if let Some(unchanged) = unchanged.get_mut(number) {
                    unchanged.extend(same(place(layer), before));
                }
            } else if !(is_data && data_is_shown) {
                let next = layers.get(index + 1).copied().filter(|next| next.protocol() == Protocol::Data);
                let next = next.filter(|next| picture.basis_of(*next, &layers, basis).is_none());
                sections.push(Section::full(place(layer), next, say));
                data_is_shown = next.is_some();
                continue;
            }
            data_is_shown = false;
        }
        let compared = |layer: &Layer<'d>| picture.basis_of(*layer, &layers, basis).is_some();
        let trailers = layers.iter().rev().filter(|layer| !compared(layer));
        sections.extend(trailers.filter_map(|layer| Section::trailer(place(*layer), say)));
        let facts = unchanged.iter().zip(&picture.against).filter(|(same, _)| !same.is_empty());
        let facts = facts.map(|(same, against)| Remark::Fact(format!("{} {}", listed(same), against.same)));
        let mut remarks: Vec<Remark> = facts.collect();
        let problems = dissection.problems().iter().filter(|problem| {
            // Those of a field stand at its mark; that there is only a beginning is known.
            problem.field().is_empty() && !matches!(problem.kind, Kind::Truncated { .. })
        });
        let problems = problems.filter(|problem| layers.iter().any(|layer| layer.number() == problem.layer));
        remarks.extend(problems.map(|problem| Remark::Wrong(problem.to_string())));
        remarks.extend(wrong.into_iter().map(Remark::Wrong));
        Self { sections, remarks }
    }
}

impl Picture<'_> {
    /// With which comparison a layer is drawn, and the layer that it is compared with.
    fn basis_of<'d>(
        &self,
        layer: Layer<'_>,
        layers: &[Layer<'_>],
        basis: &'d [Dissection<'d>],
    ) -> Option<(usize, Place<'d>)> {
        let carrier = layers.iter().take_while(|other| other.number() < layer.number()).last();
        let protocol = match (layer.protocol(), carrier) {
            (Protocol::Data, Some(carrier)) => carrier.protocol(),
            (protocol, _) => protocol,
        };
        let (number, against) = self.against.iter().enumerate().find(|(_, against)| match against.layers {
            Layers::All => true,
            Layers::Only(protocols) => !layer.is_quoted() && protocols.contains(&protocol),
            Layers::Quoted => layer.is_quoted(),
        })?;
        let quoted = layer.is_quoted() && against.layers != Layers::Quoted;
        let alike = |other: &Layer<'_>| other.protocol() == layer.protocol() && other.is_quoted() == quoted;
        let before = layers.iter().take_while(|other| other.number() < layer.number());
        let nth = before.filter(|other| other.protocol() == layer.protocol() && other.is_quoted() == layer.is_quoted());
        let dissection = basis.get(number)?;
        let other = against.basis.layers(dissection).into_iter().filter(alike).nth(nth.count())?;
        Some((number, Place::new(dissection, other)))
    }
}

/// That there is more or less data than there was. A quote is the beginning, and may be short.
fn lengths(now: Place<'_>, before: Place<'_>) -> Option<String> {
    let (here, there) = (bytes_of(now).len(), bytes_of(before).len());
    let differs = now.layer.protocol() == Protocol::Data && (here > there || here < there && !now.is_cut);
    differs.then(|| format!("{} of data, where there were {there}", counted(here)))
}
