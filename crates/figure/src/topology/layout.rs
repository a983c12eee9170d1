//! Where each node and each cable is.
//!
//! Levels: a node is one below the lowest of those over it, so all cables run downwards. Columns: see `layout/columns.rs`. A bar
//! reaches over all its cables. If it would then lie over a cable that is not its own, or texts over each other, there is no layout.

mod columns;

use super::graph::{Graph, Line, Node};
use crate::canvas::{Text, WIDTH};

/// How high a bar is.
pub(super) const BAR: f64 = 22.0;
/// How high a line of text is.
pub(super) const LINE: f64 = 13.0;
/// Between a cable and its texts.
pub(super) const SIDE: f64 = 5.0;
/// How far a bar reaches over its last cable, at least.
const OVERHANG: f64 = 14.0;
/// What must be free between two things.
const FREE: f64 = 3.0;

/// A picture in numbers.
pub(super) struct Layout {
    /// Of each node.
    pub(super) bars: Vec<Bar>,
    /// Of each cable: where it runs.
    pub(super) lines: Vec<f64>,
    /// Of each cable: which of its ends is the upper one.
    pub(super) upper: Vec<usize>,
    pub(super) height: f64,
}

/// How a bar that is wider than its cables need lies over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Balance {
    /// As far to the left as to the right.
    Amid,
    /// To the right, where the addresses need room anyway.
    Hanging,
}

/// Where a node is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
}

impl Layout {
    pub(super) fn of(graph: &Graph, balance: Balance) -> Option<Self> {
        let order = order(graph);
        let levels = levels(graph, &order);
        let upper: Vec<usize> = graph.cables.iter().map(|cable| upper(cable, &levels)).collect();
        let lines = columns::lines(graph, &order, &upper, balance)?;
        let layout = Self::along(graph, &levels, &upper, balance, lines);
        if !layout.is_clear(graph, &levels) {
            return None;
        }
        let centred = Self::along(graph, &levels, &upper, balance, layout.centred(graph));
        Some(if centred.is_clear(graph, &levels) { centred } else { layout })
    }

    /// The layout with cables that run here.
    fn along(graph: &Graph, levels: &[usize], upper: &[usize], balance: Balance, lines: Vec<f64>) -> Self {
        let tops = tops(graph, levels, upper);
        let bar = |(number, level): (usize, &usize)| {
            let own = graph.at(number).filter_map(|(cable, _)| lines.get(cable));
            let (left, right) = own.fold((WIDTH, 0.0_f64), |(left, right), x| (left.min(*x), right.max(*x)));
            let (left, right) =
                if left > right { (WIDTH / 2.0, WIDTH / 2.0) } else { (left - OVERHANG, right + OVERHANG) };
            let lacking = (graph.nodes.get(number).map_or(0.0, bar_width) - (right - left)).max(0.0);
            let before = if balance == Balance::Amid { lacking / 2.0 } else { 0.0 };
            let top = tops.get(*level).copied().unwrap_or_default();
            Bar { left: left - before, right: right + lacking - before, top }
        };
        let bars: Vec<Bar> = levels.iter().enumerate().map(bar).collect();
        let height = tops.last().copied().unwrap_or_default() + 2.0;
        Self { bars, lines, upper: upper.to_vec(), height }
    }

    fn is_clear(&self, graph: &Graph, levels: &[usize]) -> bool {
        self.bars_are_clear(graph, levels) && self.texts_are_clear(graph, levels)
    }

    /// The cables, where a single one that leaves a node runs amid those that come to it.
    fn centred(&self, graph: &Graph) -> Vec<f64> {
        let mut order: Vec<usize> = (0..graph.nodes.len()).collect();
        order.sort_by(|one, other| self.top(*one).total_cmp(&self.top(*other)));
        let mut lines = self.lines.clone();
        for node in order {
            let leaves = |(cable, side): &(usize, usize)| self.upper.get(*cable) == Some(side);
            let (down, up): (Vec<_>, Vec<_>) = graph.at(node).partition(leaves);
            let over: Vec<f64> = up.iter().filter_map(|(cable, _)| lines.get(*cable).copied()).collect();
            if let ([(only, _)], [_, ..]) = (&down[..], &over[..])
                && let Some(line) = lines.get_mut(*only)
            {
                let (left, right) =
                    over.iter().fold((WIDTH, 0.0_f64), |(left, right), x| (left.min(*x), right.max(*x)));
                *line = f64::midpoint(left, right);
            }
        }
        lines
    }

    fn top(&self, node: usize) -> f64 {
        self.bars.get(node).map_or(0.0, |bar| bar.top)
    }

    /// Whether no bar lies over another, or over a cable that is not its own, and all is within the picture.
    fn bars_are_clear(&self, graph: &Graph, levels: &[usize]) -> bool {
        let level = |node: usize| levels.get(node).copied().unwrap_or_default();
        self.bars.iter().enumerate().all(|(number, bar)| {
            let covers = |left: f64, right: f64| left - FREE < bar.right && bar.left - FREE < right;
            let others = self.bars.iter().enumerate().skip(number + 1);
            let beside = others
                .filter(|(other, _)| level(*other) == level(number))
                .all(|(_, other)| !covers(other.left, other.right));
            let passes = |cable: &Line| {
                let [one, other] = cable.ends.map(level);
                one.min(other) < level(number) && level(number) < one.max(other)
            };
            let mut passing = graph.cables.iter().zip(&self.lines).filter(|(cable, _)| passes(cable));
            bar.left >= 0.0 && bar.right <= WIDTH && beside && passing.all(|(_, x)| !covers(*x, *x))
        })
    }

    /// Whether the texts at cables that run beside each other do not touch.
    fn texts_are_clear(&self, graph: &Graph, levels: &[usize]) -> bool {
        let level = |node: usize| levels.get(node).copied().unwrap_or_default();
        let lowest = levels.iter().max().copied().unwrap_or_default();
        (0..lowest).all(|gap| {
            let mut spans: Vec<(f64, f64)> = vec![];
            for (cable, x) in graph.cables.iter().zip(&self.lines) {
                let [one, other] = cable.ends.map(level);
                if one.min(other) <= gap && gap < one.max(other) {
                    let (left, right) = needs(cable);
                    spans.push((x - left, x + right));
                }
            }
            spans.sort_by(|one, other| one.0.total_cmp(&other.0));
            let within = spans.iter().all(|(left, right)| *left >= 0.0 && *right <= WIDTH);
            within && spans.windows(2).all(|pair| matches!(pair, [one, next] if one.1 <= next.0))
        })
    }
}

/// What stands on a bar, and so how wide it must be.
pub(super) fn bar_width(node: &Node) -> f64 {
    text_width(node) + 2.0 * SIDE + 4.0
}

/// How wide name and words are.
pub(super) fn text_width(node: &Node) -> f64 {
    let words = node.words();
    let more = if words.is_empty() { 0.0 } else { SIDE + Text::Muted.width(&words) };
    Text::Title.width(&node.name) + more
}

/// What a cable needs to its left and to its right.
fn needs(cable: &Line) -> (f64, f64) {
    let left = cable.words.iter().map(|word| kind_of(word).width(word)).fold(0.0, f64::max);
    let right = cable.addresses.iter().map(|address| Text::Number.width(address)).fold(0.0, f64::max);
    let room = |width: f64| if width > 0.0 { width + SIDE + FREE } else { FREE };
    (room(left), room(right))
}

/// Times and sizes are numbers, a link's name is a word.
pub(super) fn kind_of(word: &str) -> Text {
    if word.ends_with(" ms") || word.starts_with("MTU ") { Text::Number } else { Text::Plain }
}

/// All nodes as they are met from the root on, nearest first; then those that no way leads to.
fn order(graph: &Graph) -> Vec<usize> {
    let mut order: Vec<usize> = vec![];
    for start in std::iter::once(graph.root).chain(0..graph.nodes.len()) {
        let mut next = order.len();
        if !order.contains(&start) {
            order.push(start);
        }
        while let Some(node) = order.get(next).copied() {
            next += 1;
            for (cable, side) in graph.at(node) {
                let far = graph.cables.get(cable).map_or(node, |cable| cable.far(side));
                if !order.contains(&far) {
                    order.push(far);
                }
            }
        }
    }
    order
}

/// Each node is below all its neighbours that were met before it.
fn levels(graph: &Graph, order: &[usize]) -> Vec<usize> {
    let met = |node: usize| order.iter().position(|other| *other == node).unwrap_or_default();
    let mut levels = vec![0; graph.nodes.len()];
    for node in order.iter().copied() {
        let over = graph.at(node).filter_map(|(cable, side)| {
            let far = graph.cables.get(cable)?.far(side);
            (met(far) < met(node)).then(|| levels.get(far).copied().unwrap_or_default() + 1)
        });
        let level = over.max().unwrap_or_default();
        if let Some(own) = levels.get_mut(node) {
            *own = level;
        }
    }
    levels
}

/// Which end of a cable is the upper one.
fn upper(cable: &Line, levels: &[usize]) -> usize {
    let [one, other] = cable.ends.map(|node| levels.get(node).copied().unwrap_or_default());
    usize::from(other < one)
}

/// Where each level begins, and where the last one ends.
fn tops(graph: &Graph, levels: &[usize], upper: &[usize]) -> Vec<f64> {
    let last = levels.iter().max().copied().unwrap_or_default();
    let mut y = 2.0;
    let mut tops = vec![];
    for level in 0..=last {
        tops.push(y);
        y += BAR;
        let begins_here = |(cable, side): &(&Line, &usize)| {
            cable.ends.get(**side).is_some_and(|node| levels.get(*node) == Some(&level))
        };
        let lines = graph.cables.iter().zip(upper).filter(begins_here).map(|(cable, _)| {
            let addresses = cable.addresses.iter().filter(|address| !address.is_empty()).count();
            f64::from(u32::try_from(addresses.max(cable.words.len()).max(1)).unwrap_or(1))
        });
        y += lines.reduce(f64::max).map_or(0.0, |lines| lines * LINE + 8.0);
    }
    tops.push(y);
    tops
}
