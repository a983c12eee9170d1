//! The states of a connection as a picture: every state a bar, every change a line that runs straight up or down from one bar to
//! another, with what causes it and what leaves.
//!
//! What there is to draw are [`tcp::CHANGES`]; where each bar and each line is stands here. The bars are as in the picture of RFC 9293
//! section 3.3.2 (figure 5), CLOSED at the top and once more at the bottom: who closes first goes down on the left, who closes second
//! on the right. Resets, which lead to CLOSED from nearly everywhere, are told below the picture.

use crate::canvas::{Anchor, Canvas, Num, Text};
use crate::{Caption, Refusal};
use std::fmt::Write;
use tcp::{Cause, Change, State};

/// The rows of bars: where each begins and how high it is.
const ROWS: [(f64, f64); 8] = [
    (4.0, 22.0),
    (66.0, 22.0),
    (128.0, 22.0),
    (198.0, 36.0),
    (274.0, 36.0),
    (364.0, 36.0),
    (440.0, 22.0),
    (496.0, 22.0),
];
/// Between a line and its words, and from one line of them to the next.
const SIDE: f64 = 5.0;
const LINE: f64 = 13.0;
/// How far the barbs of an arrow reach back and aside.
const BARB: (f64, f64) = (6.0, 3.5);
/// Where what is said below the picture begins.
const NOTES: f64 = 538.0;

/// A bar: in which row, from where to where.
struct Bar {
    row: usize,
    left: f64,
    right: f64,
}

/// Where a state is; CLOSED is meant at the top.
fn bar(state: State) -> Bar {
    let (row, left, right) = match state {
        State::Closed => (0, 8.0, 352.0),
        State::Listen => (1, 8.0, 150.0),
        State::SynSent => (1, 165.0, 352.0),
        State::SynReceived => (2, 8.0, 230.0),
        State::Established => (3, 100.0, 352.0),
        State::FinWait1 => (4, 8.0, 262.0),
        State::CloseWait => (4, 274.0, 352.0),
        State::FinWait2 => (5, 8.0, 98.0),
        State::Closing => (5, 184.0, 262.0),
        State::LastAck => (5, 274.0, 352.0),
        State::TimeWait => (6, 8.0, 262.0),
    };
    Bar { row, left, right }
}

/// At which column a change is drawn, and whether it leads to the CLOSED at the bottom; `None`: there is no line for it.
fn column(from: State, to: State) -> Option<(f64, bool)> {
    Some(match (from, to) {
        (State::Closed, State::Listen) => (20.0, false),
        (State::Listen, State::Closed) => (98.0, false),
        (State::Closed, State::SynSent) => (176.0, false),
        (State::SynSent, State::Closed) => (272.0, false),
        (State::Listen, State::SynReceived) => (20.0, false),
        (State::SynReceived, State::Listen) => (122.0, false),
        (State::SynSent, State::SynReceived) => (176.0, false),
        (State::SynSent, State::Established) => (272.0, false),
        (State::SynReceived, State::FinWait1) => (20.0, false),
        (State::SynReceived, State::Established) => (112.0, false),
        (State::Established, State::FinWait1) => (112.0, false),
        (State::Established, State::CloseWait) => (286.0, false),
        (State::FinWait1, State::FinWait2) => (20.0, false),
        (State::FinWait1, State::TimeWait) => (112.0, false),
        (State::FinWait1, State::Closing) => (196.0, false),
        (State::CloseWait, State::LastAck) => (286.0, false),
        (State::FinWait2, State::TimeWait) => (20.0, false),
        (State::Closing, State::TimeWait) => (196.0, false),
        (State::LastAck, State::Closed) => (286.0, true),
        (State::TimeWait, State::Closed) => (20.0, true),
        _ => return None,
    })
}

/// Draws the states and the changes from one to another.
///
/// # Errors
/// When there is no place for one of the changes.
pub fn states(caption: &Caption, changes: &[Change]) -> Result<String, Refusal> {
    let mut canvas = Canvas::new();
    for change in changes.iter().filter(|change| !is_told_below(change)) {
        let (x, at_bottom) = column(change.from, change.to).ok_or(Refusal::NoPlace(change.from, change.to))?;
        line(&mut canvas, change, x, at_bottom);
    }
    let last = ROWS.len() - 1;
    for state in State::ALL {
        let bar = bar(state);
        draw_bar(&mut canvas, state, &bar);
        if state == State::Closed {
            draw_bar(&mut canvas, state, &Bar { row: last, ..bar });
        }
    }
    let mut y = NOTES;
    let resets = resets(changes);
    for note in [
        "Beside a line: what comes, or is called, and what is sent.",
        resets.as_str(),
        "What nobody acknowledges for too long ends in CLOSED, too.",
    ] {
        canvas.text((8.0, y), Text::Muted, Anchor::Start, note);
        y += 15.0;
    }
    Ok(canvas.finish(caption, y - 4.0, &caption.description(&told(changes))))
}

/// Whether a change has no line of its own: a reset that ends all.
fn is_told_below(change: &Change) -> bool {
    change.cause == Cause::Rst && change.to == State::Closed
}

fn line(canvas: &mut Canvas, change: &Change, x: f64, at_bottom: bool) {
    let row = |number: usize| ROWS.get(number).copied().unwrap_or_default();
    let last = ROWS.len() - 1;
    let (from, to) = (bar(change.from).row, if at_bottom { last } else { bar(change.to).row });
    let is_down = from < to;
    let (upper, lower) = if is_down { (from, to) } else { (to, from) };
    let (top, bottom) = (row(upper).0 + row(upper).1, row(lower).0);
    let mut path = format!("M{} {}V{}", Num(x), Num(top), Num(bottom));
    let (tip, back) = if is_down { (bottom, -BARB.0) } else { (top, BARB.0) };
    let _ = write!(
        path,
        "M{} {}L{} {}L{} {}",
        Num(x - BARB.1),
        Num(tip + back),
        Num(x),
        Num(tip),
        Num(x + BARB.1),
        Num(tip + back)
    );
    canvas.group(&sentence(change), |canvas| {
        canvas.path("w s-ink", path);
        let mut y = top + LINE + 1.0;
        for (kind, word) in words(change) {
            canvas.text((x + SIDE, y), kind, Anchor::Start, &word);
            y += LINE;
        }
    });
}

/// What stands beside a line: calls of the program look like code.
fn words(change: &Change) -> Vec<(Text, String)> {
    let call = |name: &str| (Text::Value, name.to_string());
    let comes = |what: &str| (Text::Plain, what.to_string());
    let mut words = match change.cause {
        Cause::Listen => vec![call("listen")],
        Cause::Connect => vec![call("connect")],
        Cause::Close => vec![call("close")],
        Cause::Syn => vec![comes("SYN")],
        Cause::SynAck => vec![comes("SYN ACK")],
        Cause::AckOfSyn => vec![comes("ACK of SYN")],
        Cause::AckOfSynAfterClose => vec![call("close"), comes("ACK of SYN")],
        Cause::AckOfFin => vec![comes("ACK of FIN")],
        Cause::Fin => vec![comes("FIN")],
        Cause::FinAck => vec![comes("FIN with"), comes("ACK of FIN")],
        Cause::Rst => vec![comes("RST")],
        Cause::TwoMsl => vec![comes("2 MSL later")],
    };
    if !change.sends.is_empty() {
        words.push((Text::Muted, format!("sends {}", change.sends)));
    }
    words
}

fn draw_bar(canvas: &mut Canvas, state: State, bar: &Bar) {
    let (top, height) = ROWS.get(bar.row).copied().unwrap_or_default();
    let class = match (state, data(state)) {
        (State::Closed, _) => "ax",
        (_, Some(_)) => "f-app",
        (State::Listen | State::SynSent | State::SynReceived, None) => "f-link",
        (_, None) => "f-tra",
    };
    canvas.rect(class, (bar.left, top), (bar.right - bar.left, height), 3.0);
    let middle = f64::midpoint(bar.left, bar.right);
    let words = data(state);
    let base = top + if words.is_some() { 15.0 } else { height / 2.0 + 4.0 };
    canvas.text((middle, base), Text::Strong, Anchor::Middle, &state.to_string());
    if let Some(words) = words {
        canvas.text((middle, base + 14.0), Text::Muted, Anchor::Middle, words);
    }
}

/// Whether data of the program may come and go.
fn data(state: State) -> Option<&'static str> {
    let sends = matches!(state, State::Established | State::CloseWait);
    match (sends, state.takes_data()) {
        (true, true) => Some("may send and receive"),
        (true, false) => Some("may send"),
        (false, true) => Some("may receive"),
        (false, false) => None,
    }
}

/// From where a RST leads to CLOSED.
fn resets(changes: &[Change]) -> String {
    let ends = |state: &State| changes.iter().any(|change| change.from == *state && is_told_below(change));
    let stay: Vec<String> =
        State::ALL.iter().filter(|state| **state != State::Closed && !ends(state)).map(State::to_string).collect();
    format!("A RST that counts leads to CLOSED from everywhere but {}.", stay.join(" and "))
}

fn sentence(change: &Change) -> String {
    let causes: Vec<String> = words(change).into_iter().map(|(_, word)| word).collect();
    format!("{} to {}: {}", change.from, change.to, causes.join(", "))
}

/// The picture in words.
fn told(changes: &[Change]) -> String {
    let lines: Vec<String> = changes.iter().filter(|change| !is_told_below(change)).map(sentence).collect();
    format!("{}. {}", lines.join("; "), resets(changes))
}
