//! Where cables run.
//!
//! Nodes are visited from the root on, each with what hangs below it. A node's columns are those of its branches, side by side; a
//! cable to a node that was visited before, where ways meet again, has a column of its own beside. A cable runs amid the columns of
//! the node below it.

use super::{Balance, FREE, OVERHANG, bar_width, needs};
use crate::canvas::WIDTH;
use crate::topology::graph::Graph;
use std::ops::Range;

/// Columns are not further from each other than this, or they would look like strangers.
const GAP: f64 = 24.0;

/// Where each cable runs; `None`: there is no room for all.
pub(super) fn lines(graph: &Graph, order: &[usize], upper: &[usize], balance: Balance) -> Option<Vec<f64>> {
    let mut walk = Walk {
        graph,
        upper,
        of_node: vec![None; graph.nodes.len()],
        of_cable: vec![0..1; graph.cables.len()],
        used: 0,
    };
    for node in order {
        walk.visit(*node);
    }
    let columns = placed(&room(graph, &walk, balance))?;
    let middle = |column: usize| columns.get(column).copied().unwrap_or_default();
    let line = |own: &Range<usize>| f64::midpoint(middle(own.start), middle(own.end.saturating_sub(1)));
    Some(walk.of_cable.iter().map(line).collect())
}

/// Gives columns away.
struct Walk<'a> {
    graph: &'a Graph,
    upper: &'a [usize],
    /// `None`: not visited yet.
    of_node: Vec<Option<Range<usize>>>,
    of_cable: Vec<Range<usize>>,
    used: usize,
}

impl Walk<'_> {
    /// The columns of a node: of all that hangs below it.
    fn visit(&mut self, node: usize) -> Range<usize> {
        if let Some(known) = self.of_node.get(node).cloned().flatten() {
            return known;
        }
        let from = self.used;
        let mut own = from..from + 1;
        self.note(node, own.clone());
        let graph = self.graph;
        for (cable, side) in
            graph.at(node).filter(|(cable, side)| self.upper.get(*cable) == Some(side)).collect::<Vec<_>>()
        {
            let far = graph.cables.get(cable).map_or(node, |cable| cable.far(side));
            let columns = if self.of_node.get(far).is_some_and(Option::is_some) {
                self.used += 1;
                self.used - 1..self.used
            } else {
                self.visit(far)
            };
            if let Some(of_cable) = self.of_cable.get_mut(cable) {
                *of_cable = columns;
            }
        }
        self.used = self.used.max(from + 1);
        own.end = self.used;
        self.note(node, own.clone());
        own
    }

    fn note(&mut self, node: usize, columns: Range<usize>) {
        if let Some(of_node) = self.of_node.get_mut(node) {
            *of_node = Some(columns);
        }
    }
}

/// What each column needs to the left and to the right of its cables.
fn room(graph: &Graph, walk: &Walk<'_>, balance: Balance) -> Vec<(f64, f64)> {
    let mut room = vec![(0.0_f64, 0.0_f64); walk.used];
    // What runs amid several columns needs their room together.
    let mut need = |columns: Range<usize>, left: f64, right: f64| {
        let share = f64::from(u32::try_from(columns.len().max(1)).unwrap_or(1));
        for own in room.get_mut(columns).unwrap_or_default() {
            *own = (own.0.max(left / share), own.1.max(right / share));
        }
    };
    for (cable, columns) in graph.cables.iter().zip(&walk.of_cable) {
        let (left, right) = needs(cable);
        need(columns.clone(), left.max(OVERHANG + FREE), right.max(OVERHANG + FREE));
    }
    for (number, node) in graph.nodes.iter().enumerate() {
        let own = graph.at(number).filter_map(|(cable, _)| walk.of_cable.get(cable));
        let all = own.cloned().reduce(|one, other| one.start.min(other.start)..one.end.max(other.end));
        let (left, right) = match balance {
            Balance::Amid => (bar_width(node) / 2.0, bar_width(node) / 2.0),
            Balance::Hanging => (OVERHANG, bar_width(node) - OVERHANG),
        };
        need(all.unwrap_or(0..1), left + FREE, right + FREE);
    }
    room
}

/// Where the cables of each column run: side by side, amid the picture.
fn placed(room: &[(f64, f64)]) -> Option<Vec<f64>> {
    let total: f64 = room.iter().map(|(left, right)| left + right).sum();
    let gaps = f64::from(u32::try_from(room.len().saturating_sub(1)).unwrap_or(0));
    let free = WIDTH - total;
    if free < 0.0 {
        return None;
    }
    let gap = (free / gaps.max(1.0)).min(GAP);
    let mut x = (free - gap * gaps) / 2.0;
    let mut lines = vec![];
    for (left, right) in room {
        lines.push(x + left);
        x += left + right + gap;
    }
    Some(lines)
}
