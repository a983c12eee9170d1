//! The drawing with bars.

use super::graph::{Graph, Node};
use super::layout::{BAR, Bar, LINE, Layout, SIDE, kind_of, text_width};
use crate::canvas::{Anchor, Canvas, Num, Text};
use crate::palette::Hue;

/// Draws it; the answer is how high it is.
pub(super) fn draw(canvas: &mut Canvas, graph: &Graph, layout: &Layout) -> f64 {
    for (number, cable) in graph.cables.iter().enumerate() {
        let side = layout.upper.get(number).copied().unwrap_or_default();
        let bar = |node: usize| layout.bars.get(node).map_or(0.0, |bar| bar.top);
        let top = cable.ends.get(side).map_or(0.0, |node| bar(*node)) + BAR;
        let bottom = bar(cable.far(side));
        let x = layout.lines.get(number).copied().unwrap_or_default();
        canvas.path("w s-ink", format!("M{} {}V{}", Num(x), Num(top), Num(bottom)));
        let mut y = top + LINE - 1.0;
        for word in &cable.words {
            canvas.text((x - SIDE, y), kind_of(word), Anchor::End, word);
            y += LINE;
        }
        let address = |canvas: &mut Canvas, side: usize, y: f64| {
            let text = cable.address(side);
            if !text.is_empty() {
                canvas.text((x + SIDE, y), Text::Number, Anchor::Start, text);
            }
        };
        address(canvas, side, top + LINE - 1.0);
        address(canvas, 1 - side, bottom - 5.0);
    }
    for (node, bar) in graph.nodes.iter().zip(&layout.bars) {
        draw_bar(canvas, node, bar);
    }
    layout.height
}

fn draw_bar(canvas: &mut Canvas, node: &Node, bar: &Bar) {
    let Bar { left, right, top } = *bar;
    // Hosts have corners, what passes packets on is round, what only joins cables is of the link's colour.
    let round = match node.kind {
        "host" => 3.0,
        _ if node.is_medium => 0.0,
        _ => BAR / 2.0,
    };
    canvas.rect(&format!("f-{}", hue(node).name()), (left, top), (right - left, BAR), round);
    let words = node.words();
    let start = f64::midpoint(left, right) - text_width(node) / 2.0;
    canvas.text((start, top + 15.5), Text::Title, Anchor::Start, &node.name);
    if !words.is_empty() {
        let behind = start + Text::Title.width(&node.name) + SIDE;
        canvas.text((behind, top + 15.0), Text::Muted, Anchor::Start, &words);
    }
}

/// By the layer up to which it looks.
pub(super) fn hue(node: &Node) -> Hue {
    match node.kind {
        _ if node.is_medium => Hue::Link,
        "router" => Hue::Net,
        "NAT" => Hue::Transport,
        _ => Hue::Payload,
    }
}
