//! What this user may do, and what it would take to be allowed more.

use host::{Error, Text};

/// What every socket below UDP needs.
#[cfg(target_os = "linux")]
const NET_RAW: &str = "CAP_NET_RAW";

/// Whether any interval between packets is allowed, as iputils' ping decides it: to the superuser only.
///
/// It is the real user that counts. A program may have been given a capability or another user by its file, which says that
/// everybody may ping, not that everybody may flood.
#[must_use]
pub fn may_flood() -> bool {
    rustix::process::getuid().is_root()
}

/// This user may not open a ping socket, of neither kind.
pub(crate) fn open_ping() -> Error {
    refused("open a ping socket", ping_needs())
}

#[cfg(target_os = "linux")]
fn ping_needs() -> Text {
    let range = setting("/proc/sys/net/ipv4/ping_group_range");
    let group = rustix::process::getegid().as_raw();
    let now = match range.as_str() {
        "1 0" => "1 0, which is nobody",
        other => other,
    };
    format!(
        "{NET_RAW}, or group {group} within the sysctl net.ipv4.ping_group_range: that is {now}; '0 2147483647' would let all in"
    )
    .into()
}

#[cfg(not(target_os = "linux"))]
fn ping_needs() -> Text {
    "the superuser's rights".into()
}

/// This user may not open a raw socket.
#[cfg(target_os = "linux")]
pub(crate) fn open_raw() -> Error {
    refused("open a raw socket", NET_RAW.into())
}

/// This user may not open a link socket.
#[cfg(target_os = "linux")]
pub(crate) fn open_link() -> Error {
    refused("open a link socket", NET_RAW.into())
}

/// This user may not make a tap.
#[cfg(target_os = "linux")]
pub(crate) fn make_tap() -> Error {
    refused("make a tap", "CAP_NET_ADMIN, and a /dev/net/tun that may be read and written".into())
}

/// This user may not bind to an interface.
#[cfg(target_os = "linux")]
pub(crate) fn bind_to_interface() -> Error {
    refused("bind to an interface", NET_RAW.into())
}

/// This user may not have a port this low.
pub(crate) fn bind_port(port: u16) -> Error {
    refused(format!("bind to port {port}"), port_needs())
}

#[cfg(target_os = "linux")]
fn port_needs() -> Text {
    let start = setting("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    format!("CAP_NET_BIND_SERVICE, or a port from net.ipv4.ip_unprivileged_port_start = {start} on").into()
}

#[cfg(not(target_os = "linux"))]
fn port_needs() -> Text {
    "the superuser's rights, or a port from 1024 on".into()
}

/// This user may not have this congestion control.
#[cfg(target_os = "linux")]
pub(crate) fn congestion_control(name: &str) -> Error {
    let allowed = setting("/proc/sys/net/ipv4/tcp_allowed_congestion_control");
    let needs = format!("CAP_NET_ADMIN, or its name in the sysctl net.ipv4.tcp_allowed_congestion_control = {allowed}");
    refused(format!("use congestion control '{}'", name.escape_debug()), needs.into())
}

fn refused(what: impl Into<Text>, needs: Text) -> Error {
    Error::NoPermission { what: what.into(), needs }
}

/// A sysctl's value, its numbers with one blank between.
#[cfg(target_os = "linux")]
pub(crate) fn setting(file: &str) -> String {
    let value = std::fs::read_to_string(file).unwrap_or_else(|_| "unknown".into());
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}
