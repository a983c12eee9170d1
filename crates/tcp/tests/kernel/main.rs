//! The engine and the kernel's TCP, over a cable between two network namespaces, in real time.
//!
//! ```text
//!  a: the engine, 10.77.1.77, at a link socket ──net1── b: the kernel, 10.77.1.2, behind std's sockets
//! ```
//!
//! The engine's station has an address and a MAC address of its own, which the kernel of namespace `a` does not know: it
//! answers ARP itself, and loses, doubles and holds back what comes and what goes, as seeded dice say. Each end is a
//! process inside of its namespace, this program called with `--engine` or `--kernel`, a part and a seed.
//!
//! Needs root, `ip` and `ethtool`; see the crate `needs`.

#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        reason = "a test stops where something is not as it must be"
    )
)]

#[cfg(target_os = "linux")]
#[path = "../engine/dice.rs"]
mod dice;
#[cfg(target_os = "linux")]
mod engine;
#[cfg(target_os = "linux")]
mod opponent;
#[cfg(target_os = "linux")]
mod part;
#[cfg(target_os = "linux")]
mod station;
#[cfg(target_os = "linux")]
mod trials;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    trials::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("skipped: network namespaces are Linux's");
}
