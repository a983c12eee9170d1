//! A tool at work in its simulated network, with every node and every link captured.

use crate::capture;
use clap::Parser;
use cli::{Output, Session, Tool};
use figure::Captured;
use host::Host;
use sim::{Net, World};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::rc::Rc;

/// What a run left.
pub(crate) struct Run {
    pub(crate) net: Net,
    /// The host at which the tool ran.
    pub(crate) at: String,
    /// What it printed.
    pub(crate) printed: String,
    /// What each node sent and received.
    pub(crate) nodes: BTreeMap<String, Vec<Captured>>,
    /// What went into each link.
    pub(crate) links: BTreeMap<String, Vec<Captured>>,
}

/// Runs a command line as a page of the book shows it, without `cargo`.
pub(crate) fn run(command: &str) -> Run {
    let words = words(command);
    match words[0].as_str() {
        "arping" => run_tool::<arping::Arping>(&words),
        "mini-dig" => run_tool::<mini_dig::MiniDig>(&words),
        "myping" => run_tool::<myping::Myping>(&words),
        "mytraceroute" => run_tool::<mytraceroute::Mytraceroute>(&words),
        "tls-peek" => run_tool::<tls_peek::TlsPeek>(&words),
        "tcp-echo" => run_tool::<tcp_echo::TcpEcho>(&words),
        "udp-echo" => run_tool::<udp_echo::UdpEcho>(&words),
        other => panic!("'{other}' is no tool whose packets are drawn"),
    }
}

fn run_tool<T: Tool + Parser>(words: &[String]) -> Run {
    let tool = T::try_parse_from(words).unwrap_or_else(|error| panic!("{words:?}: {error}"));
    let place = Place::of(words);
    let mut net = Net::load(&place.net).unwrap();
    place.set.iter().for_each(|assignment| net.set(assignment).unwrap());
    place.faults.iter().for_each(|fault| net.fault(fault).unwrap());
    let at = place.at.unwrap_or_else(|| net.at().to_string());

    let mut world = World::new(&net, place.seed);
    let mut nodes: BTreeMap<String, Sink> = BTreeMap::new();
    for name in net.host_names() {
        let sink = nodes.entry(name.clone()).or_default().clone();
        world.capture_host(&name, Box::new(sink)).unwrap();
    }
    let mut links: BTreeMap<String, Sink> = BTreeMap::new();
    let mut open =
        |name: &str| -> io::Result<Box<dyn Write>> { Ok(Box::new(links.entry(name.to_string()).or_default().clone())) };
    world.capture_links(&mut open).unwrap();

    let world = Rc::new(RefCell::new(world));
    place.also.iter().for_each(|also| start(&world, also));
    let mut guest = sim::guest(&world, &at).unwrap();
    let (out, collected) = Output::collected(tool.show());
    let mut session = Session { host: &mut guest, probes: Some(cli::PROBES), privileged: true, out };
    if let Err(failure) = tool.run(&mut session) {
        panic!("{words:?}: {failure:?}");
    }
    session.out.flush().unwrap();
    world.borrow_mut().finish().unwrap();
    let read = |(name, sink): (String, Sink)| (name, capture::packets(&sink.0.borrow()));
    Run {
        net,
        at,
        printed: collected.stdout(),
        nodes: nodes.into_iter().map(read).collect(),
        links: links.into_iter().map(read).collect(),
    }
}

/// Starts another program of the run, `HOST: COMMAND`, on a thread that takes turns with the tool's.
fn start(world: &Rc<RefCell<World>>, also: &str) {
    let (at, command) = also.split_once(": ").expect("a host and a command");
    let words = words(command);
    let program = move |host: &mut dyn Host| {
        match words[0].as_str() {
            "tcp-echo" => beside::<tcp_echo::TcpEcho>(&words, host),
            "udp-echo" => beside::<udp_echo::UdpEcho>(&words, host),
            other => panic!("'{other}' is no tool that runs beside another one in a figure"),
        }
        Ok(())
    };
    sim::spawn(world, at, program).expect("a node of this network");
}

/// What it prints, and that its network ends under it, is of no concern to the figure.
fn beside<T: Tool + Parser>(words: &[String], host: &mut dyn Host) {
    let tool = T::try_parse_from(words).unwrap_or_else(|error| panic!("{words:?}: {error}"));
    let (out, _) = Output::collected(tool.show());
    let _ended = tool.run(&mut Session { host, probes: Some(cli::PROBES), privileged: true, out });
}

/// Where the command runs: what the tools' common options say.
struct Place {
    net: String,
    at: Option<String>,
    seed: u64,
    set: Vec<String>,
    faults: Vec<String>,
    also: Vec<String>,
}

impl Place {
    fn of(words: &[String]) -> Self {
        let all = |option: &str| -> Vec<String> {
            words.windows(2).filter(|pair| pair[0] == option).map(|pair| pair[1].clone()).collect()
        };
        let one = |option: &str| all(option).into_iter().next();
        Self {
            net: one("--net").expect("--net says in which network"),
            at: one("--at"),
            seed: one("--seed").map_or(1, |seed| seed.parse().unwrap()),
            set: all("--set"),
            faults: all("--fault"),
            also: all("--also"),
        }
    }
}

/// Blanks part words, but not within single quotes.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').zip([false, true].into_iter().cycle());
    let words = parts.flat_map(|(part, quoted)| match quoted {
        true => vec![part],
        false => part.split_whitespace().collect(),
    });
    words.map(String::from).collect()
}

/// A file that somebody else holds too.
#[derive(Debug, Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
