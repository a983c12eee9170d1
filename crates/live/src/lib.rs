//! The machine itself: [`host::Host`] over real sockets, the real clock and the real Ctrl-C.
//!
//! Each file is one thing that the machine lends: [`Live`] is the host, [`Stop`] ends its waits on Ctrl-C, and behind them are
//! link sockets (whole Ethernet frames), raw sockets (whole IP packets), ping sockets (ICMP echo), UDP and TCP sockets, the
//! interfaces, the routing table and the neighbour table.
//!
//! ```no_run
//! # #[cfg(unix)]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use host::Host;
//! use live::{Live, Stop};
//!
//! let mut host = Live::new(Stop::on_signals()?);
//! for address in host.resolve("localhost")? {
//!     println!("{address} leaves over {}", host.route(address)?.interface);
//! }
//! # Ok(()) }
//! # #[cfg(not(unix))]
//! # fn main() {}
//! ```
//!
//! | | Linux | other unix | Windows |
//! |---|---|---|---|
//! | ping sockets | yes, `SOCK_DGRAM` first, then raw | yes, with the identifier chosen here | no [`Live`] |
//! | raw and link sockets | yes | `Unsupported` | |
//! | frames many at a time, taps | yes | `Unsupported` | |
//! | UDP sockets | yes, with ICMP errors | yes, without | |
//! | TCP sockets | yes, with `TCP_INFO` and Fast Open | yes, without | |
//! | interfaces, route | from the kernel, by rtnetlink | from getifaddrs | |
//! | neighbour table | yes | `Unsupported` | |
//!
//! What is read from the network here is only copied; taking it apart is [`wire`]'s work, by its rules.
//!
//! Leaves out: IPv6 (addresses of it are `Unsupported`); asynchronous anything.

#[cfg(unix)]
mod clock;
#[cfg(unix)]
mod endpoint;
#[cfg(target_os = "linux")]
mod error_queue;
#[cfg(target_os = "linux")]
mod frames;
#[cfg(target_os = "linux")]
mod interfaces;
#[cfg(all(unix, not(target_os = "linux")))]
#[path = "getifaddrs.rs"]
mod interfaces;
#[cfg(unix)]
mod kernel;
#[cfg(target_os = "linux")]
mod link;
#[cfg(unix)]
mod machine;
#[cfg(target_os = "linux")]
mod many;
#[cfg(unix)]
mod message;
#[cfg(target_os = "linux")]
mod neighbours;
#[cfg(target_os = "linux")]
mod netlink;
#[cfg(unix)]
mod options;
#[cfg(unix)]
mod patience;
#[cfg(unix)]
mod permission;
#[cfg(unix)]
mod ping;
#[cfg(target_os = "linux")]
mod raw;
#[cfg(unix)]
mod received;
#[cfg(unix)]
mod resolv_conf;
#[cfg(unix)]
mod route;
#[cfg(unix)]
mod stop;
#[cfg(unix)]
mod tcp;
#[cfg(unix)]
mod udp;

#[cfg(unix)]
pub use machine::Live;
#[cfg(unix)]
pub use permission::may_flood;
#[cfg(unix)]
pub use stop::Stop;
