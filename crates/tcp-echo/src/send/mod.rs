//! `tcp-echo send`: requests over one connection, and why their bytes wait.
//!
//! The order to read in: [`engine`] (the loop), [`why`] (which segments each write became), [`watch`] (what left when, where the host
//! keeps no record). The rest shows it.

mod capture;
mod connect;
pub mod engine;
pub(crate) mod event;
mod json;
mod life;
pub(crate) mod lives;
pub(crate) mod plan;
mod report;
mod sight;
mod text;
pub mod watch;
pub mod why;

use crate::flags::Send;
use crate::samples::Files;
use cli::{Failure, Session, Verdict};
use host::Error;
use plan::Plan;
use report::Report;

pub(crate) use json::nanos;

/// Runs `tcp-echo send`.
pub(crate) fn run(flags: &Send, session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let plan = Plan::of(flags, session)?;
    let files = Files::create(flags.tcpinfo.as_deref(), flags.plot.as_deref())?;
    let mut samples = files.samples();
    let mut report = Report::new(&mut session.out, flags, &plan);
    report.start()?;
    let summary = engine::send(session.host, plan.to, &plan.options, samples.as_mut(), &mut |event| report.hear(event));
    let summary = summary.map_err(|failure| match failure {
        Failure::Host(Error::AddressInUse(at)) => {
            Failure::said(format!("port {} of this host is in use already", at.port()))
                .hint("take another --sport, or leave it out for one that is free")
        }
        failure => failure,
    })?;
    report.finish(&summary)?;
    if let Some(samples) = samples {
        let remark = files.write(&samples, plan.to)?;
        remark.iter().for_each(|remark| session.out.note(remark));
    }
    let all = summary.echoed > 0 && !summary.failed;
    Ok(if all { Verdict::Yes } else { Verdict::No })
}
