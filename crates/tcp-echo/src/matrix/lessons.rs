//! Where this machine and the model differ, in sentences, from what both did.

use super::cell::Cell;
use super::here::Pair;
use super::{nagle, quick_ack};
use crate::manners::QuickAck;
use host::{Nagle, Rule};
use std::time::Duration;

/// The lessons of these pairs.
pub(super) fn of(pairs: &[Pair]) -> Vec<String> {
    let told = [warm_up(pairs), does_not_stick(pairs), minshall(pairs), later(pairs)];
    told.into_iter().flatten().chain(others(pairs)).collect()
}

/// The first exchange.
fn warm_up(pairs: &[Pair]) -> Option<String> {
    let here: Vec<&Cell> = pairs.iter().filter_map(Pair::here).collect();
    let quick = here.iter().filter(|cell| cell.begins_quickly()).count();
    (quick > 0).then(|| {
        format!(
            "The first request did not wait in {quick} cells where the later ones do: a new connection acknowledges at once until its \
             program has answered. Who measures one request sees no stall, so the first is a warm-up here and is not in the median."
        )
    })
}

/// `TCP_QUICKACK` once.
fn does_not_stick(pairs: &[Pair]) -> Option<String> {
    let stalls = |how: QuickAck| move |cell: &&Cell| cell.setting.quick_ack == how && cell.longest_held().is_some();
    let here = || pairs.iter().filter_map(Pair::here);
    let (once, always) =
        (here().filter(stalls(QuickAck::Once)).count(), here().filter(stalls(QuickAck::Always)).count());
    (once > always).then(|| {
        "TCP_QUICKACK asked for once does not stick: the kernel delays acknowledgments again as soon as the program answers (tcp(7)). \
         Asked for after each read it helps, and costs a call each time."
            .into()
    })
}

/// Which rule of Nagle's it is.
fn minshall(pairs: &[Pair]) -> Option<String> {
    let held = |rule: Nagle| {
        move |cell: &&Cell| {
            cell.setting.nagle == rule && !cell.setting.cork && cell.setting.quick_ack == QuickAck::Usual
        }
    };
    let by_rfc: Vec<&Cell> = pairs.iter().map(|pair| &pair.model).filter(held(Nagle::Rfc896)).collect();
    let here: Vec<&Cell> = pairs.iter().filter_map(Pair::here).filter(held(Nagle::Minshall)).collect();
    let differs = by_rfc.iter().find_map(|model| {
        let same = here.iter().find(|cell| cell.setting.writes == model.setting.writes)?;
        let (bytes, ..) = model.longest_held()?;
        same.longest_held().is_none().then(|| (bytes, model.setting.writes.iter().sum::<usize>()))
    });
    differs.map(|(bytes, of)| {
        format!(
            "RFC 9293 section 3.7.4 would hold the last {bytes} of {of} bytes, and this machine holds nothing: Linux lets a small segment \
             wait only behind another small one (Minshall's rule, appendix A.3)."
        )
    })
}

/// How long an acknowledgment waits.
fn later(pairs: &[Pair]) -> Option<String> {
    let mut delays: Vec<(Duration, Duration)> = pairs
        .iter()
        .filter_map(|pair| {
            let by_nagle =
                |cell: &Cell| cell.longest_held().filter(|(_, rule, _)| *rule == Rule::Nagle).map(|held| held.2);
            Some((by_nagle(pair.here()?)?, by_nagle(&pair.model)?))
        })
        .collect();
    delays.sort_unstable();
    let (here, model) = delays.get(delays.len() / 2)?;
    Some(format!(
        "An acknowledgment that is delayed comes after {} ms here and {} ms in the model: Linux waits 40 ms at the least, and a timer of \
         its kernel fires with a tick, up to some ms later.",
        cli::milliseconds(*here),
        cli::milliseconds(*model)
    ))
}

/// Cells in which something else waits here than in the model.
fn others(pairs: &[Pair]) -> Vec<String> {
    let what = |cell: &Cell| cell.longest_held().map(|(bytes, rule, _)| (bytes, rule));
    let told = |cell: &Cell| match what(cell) {
        None => "nothing waits".to_string(),
        Some((bytes, rule)) => format!("{bytes} bytes wait, held by {rule}"),
    };
    let differs = pairs
        .iter()
        .filter_map(|pair| Some((pair, pair.here()?)))
        .filter(|(pair, here)| here.request.stories.is_some() && what(here) != what(&pair.model));
    differs
        .map(|(pair, here)| {
            let setting = &here.setting;
            let writes: Vec<String> = setting.writes.iter().map(ToString::to_string).collect();
            format!(
                "writes {}, nagle {}{}, quickack {}: {} here; {} in the model.",
                writes.join(", "),
                nagle(setting.nagle),
                if setting.cork { ", cork" } else { "" },
                quick_ack(setting.quick_ack),
                told(here),
                told(&pair.model)
            )
        })
        .collect()
}
