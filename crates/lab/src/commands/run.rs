//! `lab run`: the learner's program on a host, in a simulated network or on this machine.

use super::NAME;
use crate::boxed::{self, Layers};
use crate::check::{Watched, shown_end};
use crate::checkout::Checkout;
use crate::lab::Lab;
use crate::workshop::{NotBuilt, Workshop};
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use cli::{Failure, Session, Verdict, World};
use host::{Call, Carrier, Error, Host, Packets, Reply, SocketId, Time};
use lend::{Budget, End, Stream, Work};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(checkout: &Checkout, lab: &str, arguments: &[String]) -> Result<ExitCode, Failure> {
    let lab = checkout.lab(lab)?;
    let (network, arguments) = parted(arguments);
    let world = world(&network)?;
    let workshop = Workshop::open(checkout, &lab)?;
    let program = match workshop.build(&lab) {
        Ok(program) => program,
        Err(NotBuilt::Failure(failure)) => return Err(failure),
        Err(NotBuilt::Source(words)) => return Err(super::check::does_not_compile(checkout, &lab, &words)),
    };
    Ok(cli::on_a_host(NAME, &world, |session| serve(&lab, &program, &arguments, session)))
}

/// The options about the network, which this program knows and the learner's does not, and the rest.
fn parted(arguments: &[String]) -> (Vec<String>, Vec<String>) {
    let command = World::augment_args(clap::Command::new(NAME));
    let options: Vec<String> =
        command.get_arguments().filter_map(|option| Some(format!("--{}", option.get_long()?))).collect();
    let (mut network, mut rest) = (vec![], vec![]);
    let mut arguments = arguments.iter().filter(|argument| *argument != "--");
    while let Some(argument) = arguments.next() {
        let (name, value) =
            argument.split_once('=').map_or((argument.as_str(), None), |(name, value)| (name, Some(value)));
        if !options.iter().any(|option| option == name) {
            rest.push(argument.clone());
            continue;
        }
        network.push(argument.clone());
        if value.is_none() {
            network.extend(arguments.next().cloned());
        }
    }
    (network, rest)
}

fn world(options: &[String]) -> Result<World, Failure> {
    #[derive(Debug, Parser)]
    struct Options {
        #[command(flatten)]
        world: World,
    }
    let words = std::iter::once(NAME.to_string()).chain(options.iter().cloned());
    let matches = Options::command().disable_help_flag(true).try_get_matches_from(words);
    let options = matches.and_then(|matches| Options::from_arg_matches(&matches));
    options.map(|options| options.world).map_err(|error| {
        let said = error.to_string();
        let first = said.lines().next().unwrap_or_default();
        Failure::said(first.strip_prefix("error: ").unwrap_or(first))
            .hint("`cargo myping --help` explains these options")
    })
}

fn serve(lab: &Lab, program: &Path, arguments: &[String], session: &mut Session<'_>) -> Result<Verdict, Failure> {
    let start = boxed::program(&Layers::here(), program, arguments)
        .map_err(|error| crate::fail::io("start", program, &error))?;
    let borrowed = Borrowed { host: session.host, sockets: BTreeMap::new() };
    let mut watched = Watched::new(borrowed, &lab.about.sockets);
    let mut printed = Printed { out: &mut session.out, begun: vec![], failure: None };
    let mut hear = |stream, bytes: &[u8]| printed.hear(stream, bytes);
    let served = lend::serve(&start, Work::Program(&mut watched), &Budget::TOOL, &mut hear);
    let ended = served.map_err(|error| crate::fail::io("start", program, &error))?;
    printed.end()?;
    match ended.end {
        End::Left(0) => Ok(Verdict::Yes),
        End::Left(_) if !ended.complaint.is_empty() => Ok(Verdict::No), // it has said why
        _ => Err(Failure::said(format!("the program {}", shown_end(&ended)))),
    }
}

/// Passes on what the program prints, line by line.
struct Printed<'a> {
    out: &'a mut cli::Output,
    begun: Vec<u8>,
    failure: Option<Failure>,
}

impl Printed<'_> {
    fn hear(&mut self, stream: Stream, bytes: &[u8]) {
        if stream == Stream::Error {
            let _ = self.out.flush();
            eprint!("{}", bytes.split_inclusive(|byte| *byte == b'\n').map(shown).collect::<String>());
            return;
        }
        self.begun.extend_from_slice(bytes);
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.begun.drain(..=end).collect();
            self.print(&shown(&line));
        }
    }

    fn print(&mut self, text: &str) {
        if let Err(failure) = self.out.raw(text).and_then(|()| self.out.flush()) {
            self.failure.get_or_insert(failure);
        }
    }

    fn end(mut self) -> Result<(), Failure> {
        let begun = std::mem::take(&mut self.begun);
        self.print(&shown(&begun));
        self.failure.map_or(Ok(()), Err)
    }
}

/// A line of the learner's program, which cannot act on the terminal.
fn shown(line: &[u8]) -> String {
    match line.strip_suffix(b"\n") {
        Some(line) => cli::escape_bytes(line) + "\n",
        None => cli::escape_bytes(line),
    }
}

/// A host of whatever world, asked by calls: [`host::Guest`] the other way round. For sockets of whole packets.
struct Borrowed<'a> {
    host: &'a mut dyn Host,
    sockets: BTreeMap<SocketId, Box<dyn Packets>>,
}

impl Carrier for Borrowed<'_> {
    fn call(&mut self, call: Call) -> (Time, Result<Reply, Error>) {
        let reply = self.answer(call);
        (self.host.now(), reply)
    }
}

impl Borrowed<'_> {
    fn answer(&mut self, call: Call) -> Result<Reply, Error> {
        Ok(match call {
            Call::Random(len) => {
                let mut bytes = vec![0; len];
                self.host.random(&mut bytes);
                Reply::Bytes(bytes)
            }
            Call::Interfaces => Reply::Interfaces(self.host.interfaces()?),
            Call::Route(to) => Reply::Route(self.host.route(to)?),
            Call::Resolve(name) => Reply::Addresses(self.host.resolve(&name)?),
            Call::OpenLink(interface) => {
                let socket = self.host.open_link(&interface)?;
                self.opened(socket)
            }
            Call::OpenRaw(protocol) => {
                let socket = self.host.open_raw(protocol)?;
                self.opened(socket)
            }
            Call::BindUdp(at, options) => {
                let socket = self.host.bind_udp(at, &options)?;
                self.opened(socket)
            }
            Call::NameServers => Reply::Addresses(self.host.name_servers()?),
            Call::Send(id, to, bytes) => {
                self.socket(id)?.send(to, &bytes)?;
                Reply::Done
            }
            Call::Recv(id, until) => self.socket(id)?.recv(until)?.map_or(Reply::Late, Reply::Packet),
            Call::Set(id, option) => {
                self.socket(id)?.set(option)?;
                Reply::Done
            }
            Call::Close(id) => {
                self.sockets.remove(&id);
                Reply::Done
            }
            Call::Wait(on, until) => match self.host.wait(&on, until)? {
                ready if ready.is_empty() => Reply::Late,
                ready => Reply::Ready(ready),
            },
            Call::Exit => Reply::Done,
            _ => return host::unsupported("this call", "this lab"),
        })
    }

    fn opened(&mut self, socket: Box<dyn Packets>) -> Reply {
        let (id, local) = (socket.id(), socket.local());
        self.sockets.insert(id, socket);
        Reply::Socket(id, local, (std::net::Ipv4Addr::UNSPECIFIED, 0).into())
    }

    fn socket(&mut self, id: SocketId) -> Result<&mut Box<dyn Packets>, Error> {
        self.sockets.get_mut(&id).ok_or(Error::Gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_about_the_network_are_told_from_the_programs_own() {
        let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
        let (network, rest) = parted(&words("-- --net routers -c 3 --fault=x server --set net5.loss=1% -s 100"));
        assert_eq!(network, ["--net", "routers", "--fault=x", "--set", "net5.loss=1%"]);
        assert_eq!(rest, ["-c", "3", "server", "-s", "100"]);
        assert!(world(&network).is_ok());
        assert!(world(&words("--also lan")).is_err());
    }
}
