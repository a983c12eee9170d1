//! From the command line to the exit code.

use crate::failure::Place;
use crate::{Failure, Output, Show, World, usage, world};
use host::Host;
use std::ffi::OsString;
use std::process::ExitCode;

/// How many probes a simulated run has when no count is given: such a run has an end.
pub const PROBES: u32 = 4;

/// What a tool notes at the end of a run whose count was [`PROBES`] because none was given.
pub const PROBES_NOTE: &str = "four probes, since a simulated run has an end; -c gives another count";

/// One of the course's tools.
///
/// A tool that does several things has a command for each (`clap::Subcommand`). It says `#[command(mut_args(|arg|
/// arg.global(true)))]` beside [`World`] and [`Show`], so that their options may stand before the command or behind it.
pub trait Tool: clap::Parser {
    /// The program's name.
    const NAME: &'static str;

    /// In which world to run.
    fn world(&self) -> &World;

    /// How the output looks.
    fn show(&self) -> &Show;

    /// At which kind of node the tool runs unless told otherwise; `None`: where the network's file says.
    fn belongs_at(&self) -> Option<sim::Kind> {
        None
    }

    /// What the tool does without any world, if that is all it is asked for; `None`: it needs one.
    fn without_world(&self, _out: &mut Output) -> Option<Result<Verdict, Failure>> {
        None
    }

    /// Whether the tool itself writes what `--pcap` asks for where no simulated network does: it knows what it sent and received.
    fn records(&self) -> bool {
        false
    }

    /// Runs the tool on a host.
    ///
    /// # Errors
    /// Why it could not run. Silence, an unreachable target and the like are [`Verdict::No`].
    fn run(&self, session: &mut Session<'_>) -> Result<Verdict, Failure>;
}

/// What a tool is given to run with.
pub struct Session<'a> {
    /// The machine it runs on, simulated or real.
    pub host: &'a mut dyn Host,
    /// How many probes to send when no count is given: [`PROBES`] in the simulated network, else no end.
    pub probes: Option<u32>,
    /// Whether probes may follow each other however fast: in the simulated network, or as root.
    pub privileged: bool,
    /// Standard output and standard error.
    pub out: Output,
}

/// The answer to the question that the tool was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A reply, an address, an echo. Exit 0.
    Yes,
    /// It ran, but no: silence, unreachable, taken. Exit 1.
    No,
    /// It ran, but no, for this reason among those that the tool's help lists. Exit with this number, which is above 2.
    Because(u8),
}

const COULD_NOT_RUN: u8 = 2;

/// Runs the tool on the process's own command line.
#[must_use]
pub fn main<T: Tool>() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let mut out = Output::new(&Show::default());
    let (tool, answer) = match usage::parse::<T>(&args) {
        Ok(usage::Call::Run(tool)) => {
            let (finished, answer) = run(&tool);
            out = finished;
            (Some(tool), answer)
        }
        Ok(usage::Call::Print(text)) => (None, out.raw(&text).map(|()| Verdict::Yes)),
        Ok(usage::Call::ListNets { ascii }) => (None, world::list(&mut out, ascii).map(|()| Verdict::Yes)),
        Err(failure) => (None, Err(failure)),
    };
    let answer = answer.and_then(|verdict| out.flush().map(|()| verdict));
    let net = tool.as_ref().and_then(|tool| tool.world().net());
    report(&mut out, answer, &Place { tool: T::NAME, net: net.as_deref() })
}

/// Opens the world if the tool needs one, runs it there and closes the captures, whatever came of it.
fn run<T: Tool>(tool: &T) -> (Output, Result<Verdict, Failure>) {
    let mut out = Output::new(tool.show());
    out.set_eager(false);
    match tool.without_world(&mut out) {
        Some(answer) => (out, answer),
        None => in_world(out, tool.world(), tool.belongs_at(), tool.records(), |session| tool.run(session)),
    }
}

fn in_world(
    mut out: Output,
    world: &World,
    belongs_at: Option<sim::Kind>,
    records: bool,
    work: impl FnOnce(&mut Session<'_>) -> Result<Verdict, Failure>,
) -> (Output, Result<Verdict, Failure>) {
    let mut opened = match world.open(belongs_at, records) {
        Ok(opened) => opened,
        Err(failure) => return (out, Err(failure)),
    };
    out.set_eager(opened.is_eager());
    out.set_others(opened.lines_of_others());
    let probes = opened.is_simulated().then_some(PROBES);
    let mut session = Session { host: &mut *opened.host, probes, privileged: opened.privileged, out };
    let answer = work(&mut session);
    let mut out = session.out;
    let finished = opened.finish();
    let finished = finished.map(|remarks| remarks.iter().for_each(|remark| out.note(remark)));
    (out, answer.and_then(|verdict| finished.map(|()| verdict)))
}

/// Does `work` on the host that `world` asks for, as [`main`] does it for a tool; for a program that is more than a tool.
pub fn on_a_host(
    name: &str,
    world: &World,
    work: impl FnOnce(&mut Session<'_>) -> Result<Verdict, Failure>,
) -> ExitCode {
    let (mut out, answer) = in_world(Output::new(&Show::default()), world, None, false, work);
    let answer = answer.and_then(|verdict| out.flush().map(|()| verdict));
    report(&mut out, answer, &Place { tool: name, net: world.net().as_deref() })
}

/// Says what failed in the two lines that all tools have for it; exit 2.
#[must_use]
pub fn fail(name: &str, failure: Failure) -> ExitCode {
    report(&mut Output::new(&Show::default()), Err(failure), &Place { tool: name, net: None })
}

fn report(out: &mut Output, answer: Result<Verdict, Failure>, place: &Place<'_>) -> ExitCode {
    match answer {
        Ok(Verdict::Yes) => ExitCode::SUCCESS,
        Ok(Verdict::No) => ExitCode::from(1),
        Ok(Verdict::Because(code)) => ExitCode::from(code),
        Err(failure) => match failure.lines(place) {
            Some((error, hint)) => {
                out.failed(&error, hint.as_deref());
                ExitCode::from(COULD_NOT_RUN)
            }
            None => ExitCode::SUCCESS,
        },
    }
}
