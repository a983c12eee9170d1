//! What the machine does, asked in network namespaces that each test makes for itself and takes away again.
//!
//! Needs root and `ip` of iproute2. Without them every test is listed as ignored, with the reason in its name; with
//! `FIRSTHOP_REQUIRE=live` in the environment that is a failure.
//!
//! A test's body runs in a process of its own, this program called with `--body NAME` inside of a namespace, so that nothing
//! here changes its namespace and Ctrl-C hits one body only.

#[cfg(target_os = "linux")]
mod bodies;
#[cfg(target_os = "linux")]
mod nets;
#[cfg(target_os = "linux")]
mod tcp;
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
