//! The drawing as a list with branches, for what has no room beside each other: a node a row, and below it what hangs on it.

use super::bars::hue;
use super::graph::Graph;
use crate::canvas::{Anchor, Canvas, Num, Text, WIDTH};
use std::collections::BTreeSet;

/// How high a row is, and how far each branch is to the right of the one that it hangs on.
const ROW: f64 = 32.0;
const INDENT: f64 = 14.0;
/// Deeper branches are not drawn further to the right.
const DEEPEST: f64 = 10.0;

/// Draws it; the answer is how high it is.
pub(super) fn draw(canvas: &mut Canvas, graph: &Graph) -> f64 {
    let mut list = List { graph, canvas, nodes: BTreeSet::new(), cables: BTreeSet::new(), y: 4.0 };
    for node in std::iter::once(graph.root).chain(0..graph.nodes.len()) {
        if !list.nodes.contains(&node) {
            list.node(node, 0.0, None);
        }
    }
    list.y + 2.0
}

struct List<'a> {
    graph: &'a Graph,
    canvas: &'a mut Canvas,
    nodes: BTreeSet<usize>,
    cables: BTreeSet<usize>,
    y: f64,
}

impl List<'_> {
    /// A node, reached by a cable's end or not, and what hangs on it. The answer is where its row is.
    fn node(&mut self, number: usize, depth: f64, reached: Option<(usize, usize)>) -> f64 {
        let left = 8.0 + INDENT * depth.min(DEEPEST);
        let middle = self.y + 8.0;
        let is_new = self.nodes.insert(number);
        self.row(number, left, reached, is_new);
        if !is_new {
            return middle;
        }
        let mut last = middle;
        for (cable, side) in self.graph.at(number).collect::<Vec<_>>() {
            if !self.cables.insert(cable) {
                continue;
            }
            let far = self.graph.cables.get(cable).map_or(number, |cable| cable.far(side));
            last = self.node(far, depth + 1.0, Some((cable, 1 - side)));
            let to = 8.0 + INDENT * (depth + 1.0).min(DEEPEST) - 6.0;
            self.canvas.path("ax", format!("M{} {}H{}", Num(left), Num(last), Num(to)));
        }
        if last > middle {
            self.canvas.path("ax", format!("M{} {}V{}", Num(left), Num(middle + 6.0), Num(last)));
        }
        middle
    }

    fn row(&mut self, number: usize, left: f64, reached: Option<(usize, usize)>, is_new: bool) {
        let Some(node) = self.graph.nodes.get(number) else { return };
        let y = self.y;
        self.y += ROW;
        self.canvas.rect(
            &format!("f-{}", hue(node).name()),
            (left - 5.0, y + 3.0),
            (10.0, 10.0),
            if node.is_medium { 0.0 } else { 5.0 },
        );
        let mut x = left + 10.0;
        if let Some(name) = Text::Title.shortened(&node.name, WIDTH - x - 2.0) {
            self.canvas.text((x, y + 12.0), Text::Title, Anchor::Start, &name);
            x += Text::Title.width(&name) + 6.0;
        }
        let words = if is_new { node.words() } else { "again, see above".to_string() };
        if let Some(words) = Text::Muted.shortened(&words, WIDTH - x - 2.0).filter(|words| !words.is_empty()) {
            self.canvas.text((x, y + 12.0), Text::Muted, Anchor::Start, &words);
        }
        let Some((cable, side)) = reached.and_then(|(cable, side)| Some((self.graph.cables.get(cable)?, side))) else {
            return;
        };
        let far = cable.address(1 - side);
        let mut told = vec![];
        told.extend((!cable.address(side).is_empty()).then(|| cable.address(side).to_string()));
        told.extend((!far.is_empty()).then(|| format!("to {far}")));
        told.extend(cable.words.iter().cloned());
        let told = Text::Number.shortened(&told.join(", "), WIDTH - left - 12.0);
        if let Some(told) = told.filter(|told| !told.is_empty()) {
            self.canvas.text((left + 10.0, y + 24.0), Text::Number, Anchor::Start, &told);
        }
    }
}
