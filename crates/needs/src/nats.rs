//! The same two hosts with one of several NATs between them.
//!
//! ```text
//!  a 10.77.1.1 ── 10.77.1.2 r 10.77.2.1 ── 10.77.2.2 b
//! ```
//!
//! `a` knows `r` as its default gateway, `b` knows its own network only, and 10.77.2.1 is the outside address of whatever is in `r`.
//! Programs that give a namespace an interface of their own choose `a`'s address by themselves.

use crate::{Ended, Failed, Net, Program, Running};
use std::path::Path;
use std::time::Duration;

/// How long a NAT may run: as long as a measurement.
const LIMIT: Duration = Duration::from_secs(1800);

/// What is in `r`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nat {
    /// `nat-box run` over two taps, whose other ends are the interfaces of `a` and `b`.
    Taps,
    /// `nat-box run` over two interfaces.
    Interfaces,
    /// The kernel's: a rule of nftables.
    Kernels(&'static str),
    /// slirp4netns: a TCP/IP in user space that opens a socket of the machine for each flow.
    Slirp4netns,
    /// pasta, which does the same another way.
    Pasta,
    /// A router and no NAT.
    None,
}

/// Two hosts and what is between them. Dropped, all of it is gone.
#[derive(Debug)]
pub struct Place {
    /// The nodes `a`, `r` and `b`.
    pub net: Net,
    /// What is in `r`, if it is a program.
    nat: Option<Running>,
}

impl Place {
    /// Builds it. `ours` is nat-box, for where that is the NAT; `args` are further arguments of nat-box or slirp4netns.
    ///
    /// # Errors
    /// What a program says that did not do its part.
    pub fn with(nat: Nat, ours: &Path, args: &str) -> Result<Self, Failed> {
        match nat {
            Nat::Taps => Self::taps(ours, args),
            Nat::Interfaces => Self::interfaces(ours, args),
            Nat::Kernels(rule) => Self::kernels(rule),
            Nat::Slirp4netns => Self::slirp4netns(args),
            Nat::Pasta => Self::pasta(),
            Nat::None => Ok(Self { net: Net::row(&["a", "r", "b"]).build()?, nat: None }),
        }
    }

    fn taps(ours: &Path, args: &str) -> Result<Self, Failed> {
        let mut net = Net::row(&["a"]).build()?;
        net.another("r")?;
        net.another("b")?;
        let words = "run --inside-tap in0 --outside-tap out0 --gateway 10.77.1.2/24 --public 10.77.2.1/24";
        let mut nat = net.at("r", Program::new(ours).limit(LIMIT).words(words).words(args)).start()?;
        nat.wait_for("out")?;
        for (tap, to, name) in [("in0", "a", "net1"), ("out0", "b", "net2")] {
            net.hand_over("r", tap, to, name)?;
        }
        net.ip("a", "addr add 10.77.1.1/24 dev net1")?;
        net.ip("b", "addr add 10.77.2.2/24 dev net2")?;
        net.ip("a", "link set net1 up")?;
        net.ip("b", "link set net2 up")?;
        net.ip("a", "route add default via 10.77.1.2")?;
        Ok(Self { net, nat: Some(nat) })
    }

    fn interfaces(ours: &Path, args: &str) -> Result<Self, Failed> {
        let net = Net::row(&["a", "r", "b"]).sysctl("r", "net.ipv4.ip_forward=0").build()?;
        net.ip("r", "addr del 10.77.2.1/24 dev net2")?;
        net.ip("b", "route del default")?;
        let words = "run --inside net1 --outside net2 --public 10.77.2.1/24";
        let mut nat = net.at("r", Program::new(ours).limit(LIMIT).words(words).words(args)).start()?;
        nat.wait_for("out")?;
        Ok(Self { net, nat: Some(nat) })
    }

    fn kernels(rule: &str) -> Result<Self, Failed> {
        let net = Net::row(&["a", "r", "b"]).build()?;
        net.ip("b", "route del default")?;
        let rules = format!(
            "add table ip t; add chain ip t post {{ type nat hook postrouting priority 100 ; }}; add rule ip t post \
             oifname net2 {rule}"
        );
        net.at("r", Program::new("nft").args([rules])).succeed()?;
        Ok(Self { net, nat: None })
    }

    /// A router whose inside is to be made by a program.
    fn outside_alone() -> Result<Net, Failed> {
        let net = Net::row(&["a", "r", "b"]).build()?;
        net.ip("a", "link del net1")?;
        net.ip("b", "route del default")?;
        net.ip("r", "route add default via 10.77.2.2")?;
        Ok(net)
    }

    fn slirp4netns(args: &str) -> Result<Self, Failed> {
        let net = Self::outside_alone()?;
        let program = Program::new("slirp4netns").limit(LIMIT).words("--configure --netns-type=path").words(args);
        let mut nat = net.at("r", program.args([net.file("a"), "tap0".into()])).start()?;
        nat.wait_for("received tapfd")?;
        Ok(Self { net, nat: Some(nat) })
    }

    fn pasta() -> Result<Self, Failed> {
        let net = Self::outside_alone()?;
        let program =
            Program::new("pasta").limit(LIMIT).words("--runas 0 --netns-only --config-net --no-map-gw -f --netns");
        let nat = net.at("r", program.args([net.file("a")]).words("-t none -u none -T none -U none")).start()?;
        // It says nothing once it is ready.
        for _ in 0..100 {
            if net.at("a", Program::new("ip").words("-br addr")).succeed()?.contains("net2") {
                break;
            }
            net.at("a", Program::new("sleep").words("0.05")).run()?;
        }
        Ok(Self { net, nat: Some(nat) })
    }

    /// What a program at a host says to the end, on both streams.
    ///
    /// # Errors
    /// When it does not start, or not end in time.
    pub fn at(&self, host: &str, program: &str, words: &str) -> Result<String, Failed> {
        let ended = self.net.at(host, Program::new(program).words(words)).run()?;
        Ok(format!("{}{}", ended.stdout, ended.stderr))
    }

    /// The number of the NAT's process, if it is a program.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.nat.as_ref().map(Running::process)
    }

    /// Ends the NAT by Ctrl-C; what it said.
    ///
    /// # Errors
    /// When there is no such program, or it does not end well.
    pub fn end(mut self) -> Result<String, Failed> {
        self.nat.as_ref().ok_or("it is the kernel's")?.signal("INT")?;
        let ended = self.ended()?;
        if ended.code == 0 { Ok(ended.stdout) } else { Err(ended.to_string().into()) }
    }

    /// How the NAT ended, once it does by itself.
    ///
    /// # Errors
    /// When there is no such program, or it does not end in time.
    pub fn ended(&mut self) -> Result<Ended, Failed> {
        Ok(self.nat.take().ok_or("it is the kernel's")?.end()?)
    }
}
