//! In which world a tool runs: a simulated network, or the machine you sit at.

use crate::also::{Also, Line, Others};
use crate::record::Recording;
use crate::{Failure, Output};
use host::Host;
use sim::{Net, NetError};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};

const WHERE: &str = "Where";

/// Options of all tools about the simulated network.
///
/// Without `--net` and `FIRSTHOP_NET` a tool runs on this machine, unless a host is lent to it (`FIRSTHOP_HOST`, which `--also`
/// of another tool sets). `FIRSTHOP_AT` is the default of `--at`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct World {
    /// Run in this simulated network; `list` shows them all
    #[arg(long, value_name = "NAME|FILE", help_heading = WHERE)]
    net: Option<String>,
    /// Be this host of the network
    #[arg(long, value_name = "HOST", help_heading = WHERE)]
    at: Option<String>,
    /// Draw chance from this number: same seed, same run [default: 1]
    #[arg(long, value_name = "N", value_parser = crate::whole(0..=u64::MAX), help_heading = WHERE)]
    seed: Option<u64>,
    /// Bend a link, as in net1.loss=10%; can be repeated
    #[arg(long, value_name = "LINK.KEY=VALUE", help_heading = WHERE)]
    set: Vec<String>,
    /// Let something go wrong, as in 'at 2 s net5 down'; can be repeated
    #[arg(long, value_name = "TEXT", help_heading = WHERE)]
    fault: Vec<String>,
    /// Run another tool too, as in 'host4: arping --watch'; can be repeated
    #[arg(long, value_name = "HOST: TOOL ...", help_heading = WHERE)]
    also: Vec<Also>,
    /// Record what this host sends and receives, as pcapng
    #[arg(long, value_name = "FILE", help_heading = WHERE)]
    pcap: Option<PathBuf>,
    /// Record each link in a pcapng file of its own
    #[arg(long, value_name = "DIR", help_heading = WHERE)]
    pcap_all: Option<PathBuf>,
    /// Write a line for each event on a link; `-` is standard error
    #[arg(long, value_name = "FILE", help_heading = WHERE)]
    trace: Option<PathBuf>,
}

/// What a simulated network draws chance from unless told otherwise.
const SEED: u64 = 1;

impl World {
    /// The simulated network that is asked for; `None`: this machine.
    pub(crate) fn net(&self) -> Option<String> {
        self.net.clone().or_else(|| from_env("FIRSTHOP_NET"))
    }

    /// Whether `--net list` was given, which is no network.
    pub(crate) fn asks_for_list(&self) -> bool {
        self.net().as_deref() == Some("list")
    }

    /// Where what this host sends and receives is to be recorded.
    #[must_use]
    pub fn pcap(&self) -> Option<&Path> {
        self.pcap.as_deref()
    }

    /// Opens the world that is asked for. Of a simulated network the tool runs at the first node of this kind, if it has one and
    /// nothing else is said. `records`: the tool writes a capture itself where no simulated network does.
    pub(crate) fn open(&self, belongs_at: Option<sim::Kind>, records: bool) -> Result<Opened, Failure> {
        #[cfg(unix)]
        if let Some(lent) = host::lent::on_standard_input() {
            return self.lent(lent);
        }
        match self.net() {
            Some(net) => self.simulated(&net, belongs_at),
            None => self.live(records),
        }
    }

    /// A host of a network that another tool runs.
    #[cfg(unix)]
    fn lent(&self, lent: host::Result<host::lent::Lent>) -> Result<Opened, Failure> {
        if let Some(option) = self.given() {
            let error = format!("{option} is for a network of one's own, and this program is in that of another tool");
            return Err(Failure::said(error).hint("give it to that other tool"));
        }
        Ok(Opened { host: Box::new(host::Guest::new(lent?)), privileged: true, place: Place::Lent })
    }

    fn simulated(&self, name: &str, belongs_at: Option<sim::Kind>) -> Result<Opened, Failure> {
        let net = self.bent(Net::load(name).map_err(|error| match self.net {
            Some(_) => error,
            None => NetError { error: format!("FIRSTHOP_NET: {}", error.error), ..error },
        })?)?;
        let of_its_kind = || {
            let map = net.map();
            map.nodes.iter().find(|node| Some(node.kind) == belongs_at).map(|node| node.name.to_string())
        };
        let at = self.at.clone().or_else(|| from_env("FIRSTHOP_AT")).or_else(of_its_kind);
        let at = at.unwrap_or_else(|| net.at().to_string());
        net.check_host(&at)?;

        let mut world = sim::World::new(&net, self.seed.unwrap_or(SEED));
        let mut recording = Recording::default();
        if let Some(file) = &self.pcap {
            let sink = recording.create(file)?;
            world.capture_host(&at, sink).map_err(crate::record::failed)?;
        }
        if let Some(dir) = &self.pcap_all {
            recording.create_dir(dir)?;
            world
                .capture_links(&mut |link| recording.create_in(dir, &format!("{link}.pcapng")))
                .map_err(crate::record::failed)?;
        }
        if let Some(file) = &self.trace {
            world.trace(recording.create_or_stderr(file)?);
        }
        #[cfg(unix)]
        world.stop_on(stop()?.flag());
        let world = Rc::new(RefCell::new(world));
        self.also.iter().try_for_each(|also| net.check_host(&also.host))?;
        let (sender, lines) = channel();
        let others = Others::start(&world, &self.also, sender)?;
        let Some(guest) = sim::guest(&world, &at) else {
            return Err(Failure::said(format!("no program can run at '{at}' in network '{name}'")));
        };
        let place = Place::Simulated(Box::new(Simulated { world, recording, others, lines: Some(lines) }));
        Ok(Opened { host: Box::new(guest), privileged: true, place })
    }

    /// The network with all that `--set` and `--fault` do to it.
    fn bent(&self, mut net: Net) -> Result<Net, Failure> {
        for assignment in &self.set {
            net.set(assignment)?;
        }
        for fault in &self.fault {
            net.fault(fault)?;
        }
        Ok(net)
    }

    /// The built-in network `name`, bent as the command line asks for, and the seed: for who runs a network of its own many times.
    ///
    /// # Errors
    /// What is wrong with that; an option that is for one run of one network.
    pub fn own_network(&self, name: &str) -> Result<(Net, u64), Failure> {
        let options = [
            ("--net", self.net.is_some()),
            ("--at", self.at.is_some()),
            ("--also", !self.also.is_empty()),
            ("--pcap", self.pcap.is_some()),
            ("--pcap-all", self.pcap_all.is_some()),
            ("--trace", self.trace.is_some()),
        ];
        if let Some((option, _)) = options.into_iter().find(|(_, given)| *given) {
            return Err(Failure::said(format!(
                "{option} is for one run, and this runs the network '{name}' many times"
            ))
            .hint("--set, --fault and --seed change that network"));
        }
        Ok((self.bent(Net::load(name)?)?, self.seed.unwrap_or(SEED)))
    }

    #[cfg(unix)]
    fn live(&self, records: bool) -> Result<Opened, Failure> {
        self.only_simulated(records)?;
        let host = Box::new(live::Live::new(stop()?));
        Ok(Opened { host, privileged: live::may_flood(), place: Place::Live })
    }

    #[cfg(not(unix))]
    fn live(&self, records: bool) -> Result<Opened, Failure> {
        self.only_simulated(records)?;
        Err(Failure::said("no packets leave this machine yet: on this system, tools run in the simulated network only")
            .hint("add `--net NAME` (`--net list` shows them)"))
    }

    /// The first option of these that was given, for tools that can do without any network.
    #[must_use]
    pub fn given(&self) -> Option<&'static str> {
        self.net.is_some().then_some("--net").or_else(|| self.given_of_simulation())
    }

    /// The first option that was given of those that a simulated network needs, and nothing else has.
    fn given_of_simulation(&self) -> Option<&'static str> {
        let options = [
            ("--at", self.at.is_some()),
            ("--seed", self.seed.is_some()),
            ("--set", !self.set.is_empty()),
            ("--fault", !self.fault.is_empty()),
            ("--also", !self.also.is_empty()),
            ("--pcap", self.pcap.is_some()),
            ("--pcap-all", self.pcap_all.is_some()),
            ("--trace", self.trace.is_some()),
        ];
        options.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }

    /// What makes no sense on this machine.
    fn only_simulated(&self, records: bool) -> Result<(), Failure> {
        let is_for_all = |option: &&str| !(records && *option == "--pcap");
        let Some(option) = self.given_of_simulation().filter(is_for_all) else { return Ok(()) };
        let elsewhere = match option {
            "--pcap" | "--pcap-all" => "; on this machine, `tcpdump -w FILE` records",
            _ => "",
        };
        Err(Failure::said(format!("{option} needs a simulated network"))
            .hint(format!("add `--net NAME` (`--net list` shows them){elsewhere}")))
    }
}

/// Ctrl-C and SIGTERM end a tool's waits, so that it can tell what it knows so far.
#[cfg(unix)]
fn stop() -> Result<live::Stop, Failure> {
    live::Stop::on_signals().map_err(|error| Failure::said(format!("cannot listen for Ctrl-C: {error}")))
}

/// A world that a tool can run in.
pub(crate) struct Opened {
    pub(crate) host: Box<dyn Host>,
    /// Whether probes may follow each other however fast.
    pub(crate) privileged: bool,
    place: Place,
}

enum Place {
    /// This machine.
    Live,
    /// A host in a simulated network that another tool runs.
    Lent,
    Simulated(Box<Simulated>),
}

struct Simulated {
    world: Rc<RefCell<sim::World>>,
    recording: Recording,
    others: Others,
    lines: Option<Receiver<Line>>,
}

impl Opened {
    pub(crate) fn is_simulated(&self) -> bool {
        !matches!(self.place, Place::Live)
    }

    /// Whether each line is to appear at once: where somebody waits for the next one.
    pub(crate) fn is_eager(&self) -> bool {
        !matches!(self.place, Place::Simulated(_))
    }

    /// What other programs in the same network print. It is there to be taken once.
    pub(crate) fn lines_of_others(&mut self) -> Option<Receiver<Line>> {
        match &mut self.place {
            Place::Simulated(simulated) => simulated.lines.take(),
            _ => None,
        }
    }

    /// Ends the other programs and completes what is recorded, once the tool is done. The answer is what is to be remarked on the
    /// others.
    pub(crate) fn finish(self) -> Result<Vec<String>, Failure> {
        let Self { host, place, .. } = self;
        drop(host);
        let Place::Simulated(simulated) = place else { return Ok(vec![]) };
        let Simulated { world, recording, others, .. } = *simulated;
        let recorded = world.borrow_mut().finish().map_err(crate::record::failed);
        let remarks = others.join(&world);
        recorded?;
        recording.keep()?;
        Ok(remarks)
    }
}

/// All built-in networks, as `--net list` shows them; drawn in `ascii`, or where the output asks for it.
pub(crate) fn list(out: &mut Output, ascii: bool) -> Result<(), Failure> {
    for (index, (name, text)) in Net::builtin().iter().enumerate() {
        if index > 0 {
            out.line("")?;
        }
        let listing = Net::parse(name, text)?.listing();
        out.raw(&if ascii || out.ascii() { in_ascii(&listing) } else { listing })?;
    }
    Ok(())
}

/// Lines and corners as they can be typed.
fn in_ascii(drawing: &str) -> String {
    let typed = |c| match c {
        '─' => '-',
        '│' => '|',
        '┬' | '├' | '┼' | '┴' | '┤' | '╭' | '╮' | '╰' | '╯' | '└' | '┌' => '+',
        '·' => ',',
        other => other,
    };
    drawing.chars().map(typed).collect()
}

impl From<NetError> for Failure {
    fn from(NetError { error, hint }: NetError) -> Self {
        Self::Said { error, hint }
    }
}

fn from_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, FromArgMatches, Parser};

    #[derive(Debug, Parser)]
    struct Flags {
        #[command(flatten)]
        world: World,
    }

    fn world(args: &str) -> World {
        let matches = Flags::command().get_matches_from(["x"].into_iter().chain(args.split_whitespace()));
        Flags::from_arg_matches(&matches).unwrap().world
    }

    fn refused(args: &str) -> (String, String) {
        match world(args).open(None, false) {
            Err(Failure::Said { error, hint }) => (error, hint.unwrap_or_default()),
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("{args} opens"),
        }
    }

    #[test]
    fn option_of_the_simulated_network_is_refused_on_this_machine() {
        let (error, hint) = refused("--seed 7");
        assert_eq!(error, "--seed needs a simulated network");
        assert_eq!(hint, "add `--net NAME` (`--net list` shows them)");
        assert!(refused("--pcap x.pcapng").1.contains("`tcpdump -w FILE`"));
    }

    #[test]
    fn unknown_network_host_and_link_are_answered_with_those_there_are() {
        assert_eq!(refused("--net router").0, "no network named 'router'");
        let (error, hint) = refused("--net routers --at sever");
        assert_eq!(error, "no host named 'sever' in network 'routers'");
        assert!(hint.ends_with("did you mean 'server'?"), "{hint}");
        assert!(refused("--net routers --set net2.loss=1%").0.contains("net2"));
    }

    #[test]
    fn fault_is_a_sentence_and_its_wrong_word_is_named() {
        let fault = |text: &str| {
            Flags::try_parse_from(["x", "--net", "routers", "--fault", text]).unwrap().world.open(None, false)
        };
        assert!(fault("at 2 s net5 down").is_ok());
        let Err(Failure::Said { error, hint }) = fault("drop icpm at r2") else { panic!("it is refused") };
        assert_eq!(error, "--fault 'drop icpm at r2': 'icpm' is not a kind of packet");
        assert!(hint.unwrap().ends_with("did you mean 'icmp'?"));
        assert_eq!(refused("--fault x").0, "--fault needs a simulated network");
    }

    #[test]
    fn network_opens_at_its_own_host_unless_told_otherwise() {
        let address = |args: &str| {
            let mut opened = world(args).open(None, false).unwrap_or_else(|failure| panic!("{failure:?}"));
            let interfaces = opened.host.interfaces().unwrap();
            interfaces[0].addresses[0].0.to_string()
        };
        assert_eq!(address("--net routers"), "192.168.1.3");
        assert_eq!(address("--net routers --at server"), "192.168.10.3");
    }

    #[test]
    fn capture_is_there_when_the_run_has_finished_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("run.pcapng");
        let opened = world(&format!("--net lan --pcap {}", file.display()))
            .open(None, false)
            .unwrap_or_else(|f| panic!("{f:?}"));
        assert!(!file.exists());
        assert_eq!(opened.finish(), Ok(vec![]));
        assert_eq!(std::fs::read(&file).unwrap()[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn list_of_networks_can_be_drawn_in_ascii() {
        let (mut out, collected) = Output::collected(&crate::Show::default());
        list(&mut out, true).unwrap();
        assert!(collected.stdout().is_ascii(), "{}", collected.stdout());
        assert!(collected.stdout().contains("host2 -- [lan] +- host3\n"), "{}", collected.stdout());
    }

    #[test]
    fn run_that_cannot_start_leaves_no_file_behind() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().display();
        let (error, _) = refused(&format!("--net lan --pcap {dir}/run.pcapng --trace {dir}/no/such/trace"));
        assert!(error.starts_with("cannot create '"), "{error}");
        assert_eq!(std::fs::read_dir(dir.to_string()).unwrap().count(), 0);
    }

    #[test]
    fn each_link_has_a_capture_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let all = dir.path().join("all");
        let opened = world(&format!("--net routers --pcap-all {}", all.display())).open(None, false);
        assert_eq!(opened.and_then(Opened::finish), Ok(vec![]));
        let mut names: Vec<String> =
            std::fs::read_dir(&all).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["net1.pcapng", "net10.pcapng", "net3.pcapng", "net5.pcapng", "r3-r4.pcapng"]);
    }
}
