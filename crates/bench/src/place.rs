//! Where servers and their clients run beside nothing else.

use needs::{Net, Program, Running};
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(600);

/// A namespace of its own, where all ports are free, and the core that all programs share.
pub(crate) struct Place {
    net: Net,
    core: u32,
}

impl Place {
    /// # Errors
    /// That there are no namespaces.
    pub(crate) fn new() -> Result<Self, String> {
        Ok(Self { net: Net::row(&["a"]).build()?, core: core()? })
    }

    /// A program that runs there.
    pub(crate) fn program(&self, program: &Path, words: &str) -> Program {
        let pinned = Program::new("taskset").words(&format!("-c {}", self.core)).args([program.to_string_lossy()]);
        self.net.at("a", pinned.words(words).limit(LIMIT))
    }

    /// A server, once it says that it listens.
    pub(crate) fn server(&self, program: &Path, words: &str, says: &str) -> Result<Running, String> {
        let mut server = self.program(program, words).start()?;
        server.wait_for(says)?;
        Ok(server)
    }
}

/// The last core that this process may run on.
pub(crate) fn core() -> Result<u32, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|error| format!("/proc/self/status: {error}"))?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let last = list.and_then(|list| list.rsplit([',', '-']).next()?.trim().parse().ok());
    last.ok_or_else(|| "no list of cores in /proc/self/status".into())
}
