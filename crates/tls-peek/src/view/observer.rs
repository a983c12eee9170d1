//! The same connection as somebody on the path sees it, who has no secrets.

use super::Shown;
use crate::facts::Facts;
use crate::opened::{Opened, Protection};
use crate::secrets::Secrets;
use crate::words;
use cli::{Failure, Output, style};

pub(super) fn print(shown: &Shown<'_>, out: &mut Output) -> Result<(), Failure> {
    let seen = Opened::of(shown.recording, &Secrets::default());
    out.line("")?;
    out.line(&out.paint(style::TITLE, "what somebody on the path sees, and what both ends see"))?;
    for (number, (outside, inside)) in seen.records.iter().zip(&shown.opened.records).enumerate() {
        let whole = |record| words::lines(record).into_iter().map(|line| line.what).collect::<Vec<_>>().join(" ");
        let (outside, inside) = (
            match outside.protection {
                Protection::Closed(_) => format!("sealed, {} bytes", outside.record.fragment.len()),
                _ => whole(outside),
            },
            whole(inside),
        );
        let inside = if outside == inside { "the same".to_string() } else { inside };
        let from = shown.opened.records.get(number).map_or_else(String::new, |record| record.from.to_string());
        out.line(&format!("{:>3}  {from}  {outside:<28} {inside}", number + 1))?;
    }
    learnt(&Facts::of(&seen, shown.recording), &Facts::of(shown.opened, shown.recording), out)
}

/// What both views know, one beside the other.
fn learnt(outside: &Facts, inside: &Facts, out: &mut Output) -> Result<(), Failure> {
    let certificate = |facts: &Facts| match facts.chain.first() {
        Some(Ok(certificate)) => certificate.subject.clone(),
        _ => "none seen".into(),
    };
    let or_hidden = |text: &Option<String>| text.clone().unwrap_or_else(|| "none seen".into());
    let rows = [
        ("name asked for", or_hidden(&outside.server_name), or_hidden(&inside.server_name)),
        ("certificate", certificate(outside), certificate(inside)),
        ("spoken inside", or_hidden(&outside.alpn), or_hidden(&inside.alpn)),
    ];
    out.line("")?;
    for (what, outside, inside) in rows {
        let inside = if outside == inside { "the same".to_string() } else { inside };
        out.line(&format!("     {what:<16} {outside:<22} {inside}"))?;
    }
    Ok(())
}
