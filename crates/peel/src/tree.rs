//! Packets as trees: below the line of each its layers, and below these their fields.

use cli::{Failure, Output, escape, style};
use wire::dissect::{Dissection, Fields, Protocol};

/// The lines that join a tree's parts: to one that others follow, to the last one; beside what is below the one and the other.
struct Joints {
    more: &'static str,
    last: &'static str,
    beside: &'static str,
    below_last: &'static str,
}

const DRAWN: Joints = Joints { more: "├─ ", last: "╰─ ", beside: "│  ", below_last: "   " };
const TYPED: Joints = Joints { more: "|- ", last: "`- ", beside: "|  ", below_last: "   " };

/// Shows the layers of a packet, whose line is there already.
///
/// # Errors
/// Those of the output.
pub fn show(out: &mut Output, packet: &Dissection<'_>) -> Result<(), Failure> {
    let joints = if out.ascii() { &TYPED } else { &DRAWN };
    let layers: Vec<_> = packet.layers().collect();
    for (number, layer) in layers.iter().enumerate() {
        let is_last = number + 1 == layers.len();
        let quoted = if layer.is_quoted() { ", quoted" } else { "" };
        let len = match layer.protocol() {
            Protocol::Data => layer.payload().len(),
            _ => layer.header().len(),
        };
        let joint = if is_last { joints.last } else { joints.more };
        out.line(&format!("      {joint}{}{quoted}, {len} bytes", layer.protocol()))?;
        if layer.protocol() != Protocol::Data {
            let beside = if is_last { joints.below_last } else { joints.beside };
            fields(out, layer.fields(), joints, &format!("      {beside}"))?;
        }
    }
    Ok(())
}

fn fields(out: &mut Output, fields: Fields<'_>, joints: &Joints, before: &str) -> Result<(), Failure> {
    let mut fields = fields.peekable();
    while let Some(field) = fields.next() {
        let is_last = fields.peek().is_none();
        let joint = if is_last { joints.last } else { joints.more };
        let line = format!("{}: {}", field.label(), escape(&field.shown()));
        let line = if field.problems().next().is_some() { out.paint(style::WARNING, &format!("{line} !")) } else { line };
        out.line(&format!("{before}{joint}{line}"))?;
        let beside = if is_last { joints.below_last } else { joints.beside };
        self::fields(out, field.fields(), joints, &format!("{before}{beside}"))?;
    }
    Ok(())
}
