//! A network as a picture: every node a bar, every cable a line that runs straight down from one bar to another.
//!
//! The host at which programs run is at the top, and a node is below all those that are nearer to it. A bar is as wide as it must be
//! to reach all its cables, so ways that part and meet again need no crossing and no slanted line. What does not fit that way, because
//! it is too wide or no such drawing is found, is drawn as a list with branches (`topology/list.rs`).
//!
//! The order to read in: this file, `topology/graph.rs` (nodes and cables from a [`sim::Map`]), `topology/layout.rs` (where each is),
//! `topology/bars.rs` (the drawing), `topology/list.rs` (the other drawing).

mod bars;
mod graph;
mod layout;
mod list;

use crate::Caption;
use crate::canvas::Canvas;
use graph::Graph;
use layout::{Balance, Layout};
use sim::{Map, Medium};

/// Draws what is where.
#[must_use]
pub fn topology(caption: &Caption, map: &Map<'_>) -> String {
    let mut canvas = Canvas::new();
    let ways = [(true, Balance::Amid), (false, Balance::Amid), (false, Balance::Hanging)];
    let height = ways
        .into_iter()
        .find_map(|(with_prefixes, balance)| {
            let graph = Graph::of(map, with_prefixes);
            let layout = Layout::of(&graph, balance)?;
            Some(bars::draw(&mut canvas, &graph, &layout))
        })
        .unwrap_or_else(|| list::draw(&mut canvas, &Graph::of(map, true)));
    canvas.finish(caption, height, &caption.description(&told(map)))
}

/// The network in words.
fn told(map: &Map<'_>) -> String {
    let mut sentences = vec![];
    for node in &map.nodes {
        let places: Vec<String> = node
            .places
            .iter()
            .map(|place| match place.address {
                Some((address, prefix)) => format!("{address}/{prefix} on {}", place.link),
                None => format!("unnumbered on {}", place.link),
            })
            .collect();
        sentences.push(format!("{} {}: {}.", graph::kind(node.kind), node.name, places.join(", ")));
    }
    for link in &map.links {
        let names: Vec<&str> = link.cables.iter().map(|cable| cable.node).collect();
        let what = match link.medium {
            Medium::Cable => "a cable between",
            Medium::Switch => "a switch with",
            Medium::Hub => "a hub with",
        };
        sentences.push(format!("{}: {what} {}, {}.", link.name, names.join(", "), graph::delays(link)));
    }
    sentences.join(" ")
}
