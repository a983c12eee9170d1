//! The key schedule, and what each key opened.

use crate::opened::{Epoch, Opened, Protection, Stage};
use crate::secrets::hex;
use cli::{Failure, Output, style};
use std::rc::Rc;

pub(super) fn print(opened: &Opened, out: &mut Output) -> Result<(), Failure> {
    for epoch in &opened.epochs {
        out.line("")?;
        let stage = match epoch.stage {
            Stage::Early => "early data",
            Stage::Handshake => "handshake",
            Stage::Clear | Stage::Application => "data",
        };
        out.line(&out.paint(style::TITLE, &format!("{}, {stage}: {}", epoch.from, epoch.suite)))?;
        let is_13 = epoch.label != crate::secrets::MASTER;
        out.line(&format!("  {:<12} {}", "secret", hex(&epoch.secret)))?;
        out.line(&format!("  {:<12} {}", "", format_args!("{} of the key log", epoch.label)))?;
        if is_13 {
            out.line(&derived("key", "key", &epoch.key))?;
            out.line(&derived("iv", "iv", &epoch.iv))?;
            if let Some(key) = &epoch.finished_key {
                out.line(&derived("finished key", "finished", key))?;
            }
        } else {
            let from = "cut from PRF(secret, \"key expansion\", server random + client random)";
            out.line(&format!("  {:<12} {}  {from}", "key", hex(&epoch.key)))?;
            out.line(&format!("  {:<12} {}  the same", "iv", hex(&epoch.iv)))?;
        }
        records(opened, epoch, out)?;
    }
    Ok(())
}

/// `key  a1b2...  = HKDF-Expand-Label(secret, "key", "", 16)`
fn derived(what: &str, label: &str, bytes: &[u8]) -> String {
    format!("  {what:<12} {}  HKDF-Expand-Label(secret, \"{label}\", \"\", {})", hex(bytes), bytes.len())
}

/// What was opened with a key: the number of the record gives the nonce, and the nonce opens it.
fn records(opened: &Opened, of: &Rc<Epoch>, out: &mut Output) -> Result<(), Failure> {
    for (number, record) in opened.records.iter().enumerate() {
        if let Protection::Opened { epoch, sequence, nonce, padding } = &record.protection
            && Rc::ptr_eq(epoch, of)
        {
            let padding = if *padding == 0 { String::new() } else { format!(" and {padding} of padding") };
            out.line(&format!(
                "  record {:<5} number {sequence}, nonce {} -> {} bytes of {}{padding}",
                number + 1,
                hex(nonce),
                record.content.len(),
                record.content_type
            ))?;
        }
    }
    Ok(())
}
