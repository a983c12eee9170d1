//! Networks of namespaces that a test makes for itself.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.2 r 10.77.2.1 ──net2── 10.77.2.2 b      Net::row(&["a", "r", "b"])
//!
//!  a 10.77.0.1 ──lan──┐
//!  b 10.77.0.2 ──lan──┼ switch                                          Net::lan(&["a", "b", "c"])
//!  c 10.77.0.3 ──lan──┘
//! ```

use crate::Program;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// How long a question by ARP waits for its answer. Three without one take 3 s by default.
const ARP_RETRANS_MS: u32 = 50;

static BUILT: AtomicU32 = AtomicU32::new(0);

/// Network namespaces with links between them. Dropped, they are gone, whatever became of the test.
#[derive(Debug)]
pub struct Net {
    prefix: String,
    nodes: Vec<String>,
}

/// A row of nodes to be built: hosts at its ends, routers between.
///
/// The `n`-th link, from 1 on, is `10.77.n.0/24`; its left end is `.1` with MAC address `02:00:00:00:0n:01`, its right end `.2`
/// with `02:00:00:00:0n:02`, and both are named `netn`. Routers know the links of the row and no others; hosts have the router
/// beside them as default. There is no IPv6, so nobody speaks unasked.
#[derive(Debug, Clone)]
pub struct Row {
    nodes: Vec<String>,
    mtus: Vec<(usize, u16)>,
    sysctls: Vec<(String, String)>,
    rate_limited: bool,
}

impl Row {
    /// With this MTU on the `n`-th link.
    #[must_use]
    pub fn mtu(mut self, n: usize, mtu: u16) -> Self {
        self.mtus.push((n, mtu));
        self
    }

    /// With this sysctl at a node: `net.ipv4.ip_default_ttl=9`.
    #[must_use]
    pub fn sysctl(mut self, node: &str, setting: &str) -> Self {
        self.sysctls.push((node.into(), setting.into()));
        self
    }

    /// With the kernel's ping sockets at this node for all groups. A new namespace has them for none.
    #[must_use]
    pub fn ping_sockets(self, node: &str) -> Self {
        self.sysctl(node, "net.ipv4.ping_group_range=0 2147483647")
    }

    /// With Linux' own limit of ICMP errors: one a second to each host, after a burst of six. Else there is none.
    #[must_use]
    pub fn rate_limited(self) -> Self {
        Self { rate_limited: true, ..self }
    }

    /// Builds it.
    ///
    /// # Errors
    /// What `ip` or `sysctl` says, such as that this takes root.
    pub fn build(self) -> Result<Net, String> {
        let mut net = Net::new();
        let last = self.nodes.len().saturating_sub(1);
        for (index, node) in self.nodes.iter().enumerate() {
            let limit = if self.rate_limited { 1_000 } else { 0 };
            let forward = u8::from(index > 0 && index < last);
            net.add(node, &format!("net.ipv4.icmp_ratelimit={limit} net.ipv4.ip_forward={forward}"))?;
        }
        for (index, pair) in self.nodes.windows(2).enumerate() {
            let [left, right] = pair else { continue };
            let n = index + 1;
            let mtu = self.mtus.iter().find(|(link, _)| *link == n).map_or(1500, |(_, mtu)| *mtu);
            let name = format!("net{n}");
            net.link([left, &name, &mac(n, 1)], [right, &name, &mac(n, 2)], mtu)?;
            net.ip(left, &format!("addr add 10.77.{n}.1/24 dev net{n}"))?;
            net.ip(right, &format!("addr add 10.77.{n}.2/24 dev net{n}"))?;
        }
        for (index, node) in self.nodes.iter().enumerate() {
            // The links beside the node are `index` and `index + 1`; what lies beyond goes to the neighbour there.
            let is_host = index == 0 || index == last;
            for n in (1..index).chain(index + 2..=last) {
                let gateway = if n < index { format!("10.77.{index}.1") } else { format!("10.77.{}.2", index + 1) };
                let to = if is_host { "default".into() } else { format!("10.77.{n}.0/24") };
                net.ip(node, &format!("route replace {to} via {gateway}"))?;
            }
        }
        for (node, setting) in &self.sysctls {
            net.sysctl(node, setting)?;
        }
        Ok(net)
    }
}

fn mac(link: usize, end: usize) -> String {
    format!("02:00:00:00:{link:02x}:{end:02x}")
}

impl Net {
    /// A row of nodes, to be built; two are neighbours on one link.
    #[must_use]
    pub fn row(nodes: &[&str]) -> Row {
        let nodes = nodes.iter().map(ToString::to_string).collect();
        Row { nodes, mtus: vec![], sysctls: vec![], rate_limited: false }
    }

    /// Hosts on one switch. The `n`-th, from 1 on, is `10.77.0.n` with MAC address `02:00:00:00:00:0n`; its interface is `lan`.
    ///
    /// # Errors
    /// What `ip` or `sysctl` says, such as that this takes root.
    pub fn lan(hosts: &[&str]) -> Result<Self, String> {
        let mut net = Net::new();
        net.add("switch", "net.ipv4.ip_forward=0")?;
        net.ip("switch", "link add bridge type bridge forward_delay 0")?;
        net.ip("switch", "link set bridge up")?;
        for (index, host) in hosts.iter().enumerate() {
            let n = index + 1;
            net.add(host, "net.ipv4.ip_forward=0")?;
            net.link([host, "lan", &mac(0, n)], ["switch", &format!("port{n}"), &mac(0xff, n)], 1500)?;
            net.ip("switch", &format!("link set port{n} master bridge"))?;
            net.ip(host, &format!("addr add 10.77.0.{n}/24 dev lan"))?;
        }
        Ok(net)
    }

    /// One more node, which has no link yet.
    ///
    /// # Errors
    /// What `ip` or `sysctl` says, such as that this takes root.
    pub fn another(&mut self, node: &str) -> Result<(), String> {
        self.add(node, "net.ipv4.ip_forward=0 net.ipv4.icmp_ratelimit=0")
    }

    /// Hands an interface of a node over to another one, where it is `named`.
    ///
    /// # Errors
    /// What `ip` says.
    pub fn hand_over(&self, from: &str, interface: &str, to: &str, named: &str) -> Result<(), String> {
        self.ip(from, &format!("link set {interface} netns {} name {named}", self.name(to)))
    }

    /// The file that a node's namespace is known by, for programs that enter it by themselves.
    #[must_use]
    pub fn file(&self, node: &str) -> String {
        format!("/run/netns/{}", self.name(node))
    }

    /// This program, to run at a node.
    #[must_use]
    pub fn at(&self, node: &str, program: Program) -> Program {
        program.behind(&format!("ip netns exec {}", self.name(node)))
    }

    /// Calls `ip` at a node: `route add prohibit 10.77.9.0/24`.
    ///
    /// # Errors
    /// What `ip` says.
    pub fn ip(&self, node: &str, words: &str) -> Result<(), String> {
        Program::new("ip").args(["-n", &self.name(node)]).words(words).succeed().map(drop)
    }

    /// Gives an interface of a node the addresses `10.77.n.HOST/24`, all at once.
    ///
    /// # Errors
    /// What `ip` says.
    pub fn add_hosts(&self, node: &str, interface: &str, n: u8, hosts: impl Iterator<Item = u8>) -> Result<(), String> {
        let lines: String = hosts.map(|host| format!("addr add 10.77.{n}.{host}/24 dev {interface}\n")).collect();
        let file = std::env::temp_dir().join(format!("{}-{interface}", self.name(node)));
        std::fs::write(&file, lines).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        let added = Program::new("ip").args(["-n", &self.name(node), "-batch", &file.to_string_lossy()]).succeed();
        let _ = std::fs::remove_file(&file);
        added.map(drop)
    }

    /// Changes a sysctl at a node.
    ///
    /// # Errors
    /// What `sysctl` says.
    pub fn sysctl(&self, node: &str, setting: &str) -> Result<(), String> {
        self.at(node, Program::new("sysctl").args(["-qw", setting])).succeed().map(drop)
    }

    fn new() -> Self {
        let prefix = format!("fh-{}-{}", process::id(), BUILT.fetch_add(1, Ordering::Relaxed));
        Self { prefix, nodes: vec![] }
    }

    /// The namespace of a node. Other processes have others of the same name.
    fn name(&self, node: &str) -> String {
        format!("{}-{node}", self.prefix)
    }

    fn add(&mut self, node: &str, sysctls: &str) -> Result<(), String> {
        Program::new("ip").args(["netns", "add", &self.name(node)]).succeed()?;
        self.nodes.push(node.into());
        let program = Program::new("sysctl")
            .words("-qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1")
            .words(sysctls);
        self.at(node, program).succeed()?;
        self.ip(node, "link set lo up")
    }

    /// A cable between two nodes, with an interface at each end.
    fn link(&self, left: [&str; 3], right: [&str; 3], mtu: u16) -> Result<(), String> {
        let ([left, name, mac], [right, peer, peer_mac]) = (left, right);
        self.ip(
            left,
            &format!(
                "link add {name} address {mac} mtu {mtu} type veth \
                 peer name {peer} address {peer_mac} mtu {mtu} netns {}",
                self.name(right)
            ),
        )?;
        for (node, interface) in [(left, name), (right, peer)] {
            self.sysctl(node, &format!("net.ipv4.neigh.{interface}.retrans_time_ms={ARP_RETRANS_MS}"))?;
            self.ip(node, &format!("link set {interface} up"))?;
            // A cable of this kind leaves checksums to hardware that it has not, and captures show them wrong. Where `ethtool`
            // is missing they do; none of ICMP and ARP is among them.
            let _ = self.at(node, Program::new("ethtool").args(["-K", interface, "tx", "off"])).run();
        }
        Ok(())
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for node in &self.nodes {
            let _ = Program::new("ip").args(["netns", "del", &self.name(node)]).run();
        }
    }
}
