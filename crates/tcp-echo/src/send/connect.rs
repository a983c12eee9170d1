//! The handshake, in worlds that keep a record of a connection and in those that do not.

use super::capture::Capture;
use super::engine::Options;
use super::watch::Watch;
use host::{Error, Host, Nagle, Opt, Stream};
use std::net::SocketAddr;
use std::time::Duration;

/// A connection that is open.
pub(super) struct Connection {
    pub(super) stream: Box<dyn Stream>,
    /// Who looks at it, where the host itself keeps no record.
    pub(super) watch: Option<Watch>,
    /// How long the handshake took.
    pub(super) took: Duration,
}

/// Opens the connection.
///
/// # Errors
/// How the handshake ended, or what the host says of the options.
pub(super) fn connect(
    host: &mut dyn Host,
    to: SocketAddr,
    options: &Options,
    capture: &mut Option<Capture>,
) -> Result<Connection, Error> {
    let mut opts = options.manners.options();
    if options.msg_more {
        opts.push(Opt::MsgMore(true));
    }
    if !options.source.ip().is_unspecified() || options.source.port() > 0 {
        opts.push(Opt::Source(options.source));
    }
    opts.push(Opt::Record(true));
    let mut began = host.now();
    let connected = host.connect_tcp(to, &opts, began + options.wait);
    let mut watch = None;
    // A world that keeps no record has everything else.
    let mut stream = match connected {
        Err(Error::Unsupported { .. }) => {
            opts.retain(|opt| *opt != Opt::Record(true));
            *capture = options.states.then(|| Capture::open(host, to)).transpose()?;
            let nagle = options.manners.nagle != Some(Nagle::Off);
            watch = options.asks_why.then(|| Watch::open(host, to, nagle));
            began = host.now();
            host.connect_tcp(to, &opts, began + options.wait)?
        }
        connected => connected?,
    };
    let took = host.now() - began;
    options.manners.on_open(&mut *stream)?;
    if let Some(watch) = &mut watch {
        watch.follow(&*stream);
    }
    if let Some(capture) = capture {
        capture.follow(&*stream);
    }
    Ok(Connection { stream, watch, took })
}
