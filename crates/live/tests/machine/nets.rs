//! Three namespaces in a row: `a`, where bodies run, a router `r` and `b`.
//!
//! ```text
//!  a 10.77.1.1 ──net1── 10.77.1.254 r 10.77.2.254 ──net2── 10.77.2.1 b
//!                                     MTU 1400
//! ```

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

/// Longer than any body may take, seconds.
const TIMEOUT: &str = "20";

static BUILT: AtomicU32 = AtomicU32::new(0);

/// Who runs a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    Root,
    /// Without any capability.
    Nobody,
}

/// How a program ended: its exit code as a shell has it, and what it wrote.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) text: String,
}

/// This program where everybody may read it: a target directory may lie in somebody's home. Dropped, it is gone.
///
/// One for all tests, made before they start: Linux does not run a file that is open for writing, and a process that another
/// test starts meanwhile would hold it open.
pub(crate) struct Program(PathBuf);

impl Program {
    /// The program, or why there can be no namespaces here.
    pub(crate) fn ready() -> Result<Self, String> {
        if !live::may_flood() {
            return Err("needs root".into());
        }
        let probe = format!("fh-live-{}-probe", process::id());
        let made = run("ip", &["netns", "add", &probe]);
        let _ = run("ip", &["netns", "del", &probe]);
        made.map_err(|error| format!("needs network namespaces: {}", error.trim()))?;
        let there = env::temp_dir().join(format!("fh-live-{}", process::id()));
        let copied = env::current_exe().and_then(|here| fs::copy(here, &there));
        copied.map(|_| Self(there)).map_err(|error| format!("cannot copy this program: {error}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The namespaces of one test. Dropped, they are gone, whatever became of the test.
pub(crate) struct Nets {
    prefix: String,
}

impl Drop for Nets {
    fn drop(&mut self) {
        for end in ["a", "r", "b"] {
            let _ = run("ip", &["netns", "del", &format!("{}-{end}", self.prefix)]);
        }
    }
}

impl Nets {
    pub(crate) fn build(open: bool) -> Result<Self, String> {
        let prefix = format!("fh-live-{}-{}", process::id(), BUILT.fetch_add(1, Ordering::Relaxed));
        let nets = Nets { prefix };
        let range = if open { "0 2147483647" } else { "1 0" };
        let [a, r, b] = ["a", "r", "b"].map(|end| format!("{}-{end}", nets.prefix));
        for name in [&a, &r, &b] {
            run("ip", &["netns", "add", name])?;
            // Nobody asks for routers or announces addresses while frames are counted.
            nets.sysctl(name, "net.ipv6.conf.all.disable_ipv6=1")?;
            nets.sysctl(name, "net.ipv6.conf.default.disable_ipv6=1")?;
        }
        nets.sysctl(&a, &format!("net.ipv4.ping_group_range={range}"))?;
        nets.sysctl(&r, "net.ipv4.ip_forward=1")?;
        let script = format!(
            "-n {a} link add net1 address 02:00:00:00:01:01 type veth peer name net1 address 02:00:00:00:01:fe netns {r}
             -n {b} link add net2 mtu 1400 type veth peer name net2 mtu 1400 netns {r}
             -n {a} link set lo up
             -n {r} link set lo up
             -n {b} link set lo up
             -n {a} addr add 10.77.1.1/24 dev net1
             -n {r} addr add 10.77.1.254/24 dev net1
             -n {r} addr add 10.77.2.254/24 dev net2
             -n {b} addr add 10.77.2.1/24 dev net2
             -n {a} link set net1 up
             -n {r} link set net1 up
             -n {r} link set net2 up
             -n {b} link set net2 up
             -n {a} route add default via 10.77.1.254
             -n {b} route add default via 10.77.2.254
             -n {a} link add dark type veth peer name darker"
        );
        for line in script.lines() {
            run("ip", &line.split_whitespace().collect::<Vec<_>>())?;
        }
        // Three questions without an answer take 3 s by default.
        nets.sysctl(&a, "net.ipv4.neigh.net1.retrans_time_ms=50")?;
        Ok(nets)
    }

    fn sysctl(&self, namespace: &str, setting: &str) -> Result<(), String> {
        run("ip", &["netns", "exec", namespace, "sysctl", "-qw", setting]).map(drop)
    }

    /// Runs a body in namespace `a`.
    pub(crate) fn body(&self, program: &Program, user: User, name: &str) -> Result<Ended, String> {
        let a = format!("{}-a", self.prefix);
        let mut words = vec!["netns", "exec", &a, "timeout", TIMEOUT];
        if user == User::Nobody {
            words.extend(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        }
        let program = program.0.to_string_lossy();
        words.extend([&*program, "--body", name, &self.prefix]);
        output("ip", &words).map(ended)
    }
}

/// Runs a program to its end and gives what it wrote.
pub(crate) fn run(program: &str, words: &[&str]) -> Result<String, String> {
    let ended = ended(output(program, words)?);
    if ended.code == 0 { Ok(ended.text) } else { Err(format!("{program} {}: {}", words.join(" "), ended.text)) }
}

fn ended(output: Output) -> Ended {
    let killed = output.status.signal().map_or(0, |signal| 128 + signal);
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    Ended { code: output.status.code().unwrap_or(killed), text }
}

#[expect(clippy::disallowed_types, reason = "namespaces are made and entered by `ip`")]
fn output(program: &str, words: &[&str]) -> Result<Output, String> {
    let mut command = std::process::Command::new(program);
    command.args(words).output().map_err(|error| format!("cannot run {program}: {error}"))
}
