//! TLS over a host's TCP connection, for the tools that speak it.
//!
//! [`Tls::connect`] makes a client of RFC 8446 and RFC 5246 out of a [`host::Stream`]; what it trusts is [`Trust`], and what can go wrong is an
//! [`Error`] with a sentence and, where there is one, a way out ([`Error::hint`]).
//!
//! ```no_run
//! use host::{Host, Time};
//! use tls_stream::{Tls, Trust, server_name};
//!
//! fn ask(host: &mut dyn Host, until: Time) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//!     let stream = host.connect_tcp("192.0.2.53:853".parse()?, &[], until)?;
//!     let config = Trust::default().client_config(host)?;
//!     let mut tls = Tls::connect(host, stream, config, server_name("192.0.2.53")?)?;
//!     tls.write_all(host, b"question")?;
//!     let mut answer = vec![0; 512];
//!     let count = tls.read(host, &mut answer)?;
//!     answer.truncate(count);
//!     Ok(answer)
//! }
//! ```
//!
//! Where keys come from is the host's to say and nobody's to choose: with a [`host::Seed`] it is a simulated network, and the crate
//! `seeded-tls` makes each run the same; a host without one gets rustls' own provider with `ring`, the system's clock and the
//! system's certificates. No option leads from one to the other.
//!
//! The order to read in: `tls` (the bytes of a connection, to and fro), `trust` (who is believed), `error` (what went wrong, in
//! words).

mod error;
mod tls;
mod trust;

pub use error::{Error, Result};
pub use rustls::CertificateError;
pub use tls::{Beside, Sender, Tls, Watch};
pub use trust::{Config, Offer, Trust, server_name};
