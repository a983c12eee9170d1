//! TLS for the simulated network: rustls, with all chance drawn from the network's seed and all time from its clock. The same seed
//! gives the same connection, byte for byte: keys, extensions in their order, tickets.
//!
//! Three things make a handshake differ from run to run, and each is replaced here:
//!
//! | what | in rustls with `ring` | here |
//! |---|---|---|
//! | randoms, session ids, the order of extensions | `ring`'s random numbers | [`Chance`], a stream of bytes from a [`host::Seed`] |
//! | the key share | `ring` draws it where nobody can reach | an X25519 group of its own (RFC 7748), from the same stream |
//! | signatures | ECDSA draws a number for each | certificates with Ed25519 (RFC 8032), which draws none: [`identity`] |
//!
//! Ciphers, hashes and the checks of certificates are rustls' own with `ring`: they have no chance in them.
//!
//! A [`Session`] is one end of a connection that lives in bytes and time; who has a stream carries its bytes there. Its chance and
//! its clock are there while it is at work ([`Session::at`]) and at no other time: whoever uses [`provider`] without, for a
//! connection of the real machine too, gets an error from rustls and not a key that others can foresee.
//!
//! ```
//! use host::{Seed, Time};
//! use seeded_tls::{Session, client_config, identity, server_config};
//! use std::sync::Arc;
//!
//! # #[expect(clippy::disallowed_methods)]
//! # let (seed, other) = (Seed::of_simulation([1; 32]), Seed::of_simulation([2; 32]));
//! let now = Time::START; // 1 January 2026 for certificates
//! let server = server_config(&identity("web").expect("one of the demo's"))?;
//! let mut server = Session::server(&other, now, Arc::new(server))?;
//! let name = "www.example.com".try_into()?;
//! let mut client = Session::client(&seed, now, Arc::new(client_config()?), name)?;
//!
//! while client.connection().is_handshaking() {
//!     let mut sent = vec![];
//!     client.at(now, |client| client.write_tls(&mut sent))?;
//!     server.at(now, |server| server.read_tls(&mut sent.as_slice()))?;
//!     server.at(now, |server| server.process_new_packets())?;
//!     let mut answered = vec![];
//!     while server.connection().wants_write() {
//!         server.at(now, |server| server.write_tls(&mut answered))?;
//!     }
//!     client.at(now, |client| client.read_tls(&mut answered.as_slice()))?;
//!     client.at(now, |client| client.process_new_packets())?;
//! }
//! assert!(!client.connection().is_handshaking());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Never for a real network. What keeps it away from there: a [`host::Seed`] comes from a simulated host alone; the crates `live` and
//! `host` do not depend on this one (a test sees to it); the certificates are signed by keys that stand in this repository.
//!
//! Obeys RFC 8446 section 7.4.2 (what the key exchange must refuse).
//!
//! Leaves out: groups other than X25519, and certificates with RSA or ECDSA, whose signatures draw chance.

mod chance;
mod demo;
mod group;

pub use chance::{Chance, Clock, EPOCH};
pub use demo::{IDENTITIES, Identity, client_config, identity, roots, server_config};

use host::{Seed, Time};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, Error, ServerConfig, ServerConnection};
use std::sync::Arc;

/// All that rustls needs of cryptography. Where chance is needed while no [`Session`] is at work, it fails.
#[must_use]
pub fn provider() -> CryptoProvider {
    CryptoProvider { kx_groups: vec![&group::X25519], secure_random: &chance::Drawn, ..ring::default_provider() }
}

/// One end of a connection, with its chance.
#[derive(Debug)]
pub struct Session {
    connection: Connection,
    chance: Chance,
}

impl Session {
    /// The end of who connects to `name`. `config` is [`client_config`], or made of [`provider`] and [`Clock`].
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn client(seed: &Seed, now: Time, config: Arc<ClientConfig>, name: ServerName<'static>) -> Result<Self, Error> {
        let mut chance = Chance::of(seed);
        let connection = chance.lend(now, || ClientConnection::new(config, name))?;
        Ok(Self { connection: connection.into(), chance })
    }

    /// The end of who was connected to. `config` is [`server_config`], or made of [`provider`] and [`Clock`].
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn server(seed: &Seed, now: Time, config: Arc<ServerConfig>) -> Result<Self, Error> {
        let mut chance = Chance::of(seed);
        let connection = chance.lend(now, || ServerConnection::new(config))?;
        Ok(Self { connection: connection.into(), chance })
    }

    /// Lets the connection work at `now`: all that reads, writes or processes goes through here.
    pub fn at<T>(&mut self, now: Time, work: impl FnOnce(&mut Connection) -> T) -> T {
        let Self { connection, chance } = self;
        chance.lend(now, || work(connection))
    }

    /// The connection, to be asked how it stands.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }
}
