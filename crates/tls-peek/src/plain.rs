//! `--plain`: HTTP over TCP alone, what was said before TLS was.

use crate::connect::{Carrier, converse};
use crate::http::Talk;
use crate::{TlsPeek, json, unanswered, view};
use cli::{Failure, Session, Verdict};
use host::{Host, Stream, Time};
use std::net::SocketAddr;
use std::time::Duration;
use tls_stream::Error;

/// Where HTTP is served without TLS.
pub(crate) const PORT: u16 = 80;
/// How long a server is given to close behind its last answer.
const LINGER: Duration = Duration::from_secs(1);

impl TlsPeek {
    /// Asks without TLS, and shows what is said.
    pub(crate) fn plain(
        &self,
        session: &mut Session<'_>,
        target: &str,
        to: SocketAddr,
        talk: &Talk,
    ) -> Result<Verdict, Failure> {
        let (mut talk, until) = (talk.clone(), session.host.now() + self.timeout);
        let stream = match session.host.connect_tcp(to, &[], until) {
            Ok(stream) => stream,
            Err(error) => return unanswered(target, error, &mut session.out),
        };
        let mut line = Plain(stream);
        line.set_deadline(until);
        let failed = match converse(session.host, &mut line, &mut talk, LINGER, until) {
            Ok(()) => talk.fault.as_ref().map(ToString::to_string),
            Err(error) => Some(error.to_string()),
        };
        if session.out.is_json() {
            json::plain(&talk, failed.as_deref(), &mut session.out)?;
        } else {
            view::http::spoken(&talk, &mut session.out)?;
            view::http::print(&talk, talk.sent.first().copied(), &mut session.out)?;
            if let Some(failed) = &failed {
                session.out.line(&session.out.paint(cli::style::ERROR, failed))?;
            }
        }
        Ok(if failed.is_some() { Verdict::No } else { Verdict::Yes })
    }
}

/// A stream of bytes as it is.
struct Plain(Box<dyn Stream>);

impl Carrier for Plain {
    fn write_all(&mut self, _: &dyn Host, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.0.write_all(bytes).map_err(host::Error::from)?)
    }

    fn read(&mut self, _: &dyn Host, into: &mut [u8]) -> Result<usize, Error> {
        Ok(self.0.read(into).map_err(host::Error::from)?)
    }

    fn set_deadline(&mut self, until: Time) {
        self.0.set_deadline(until);
    }

    fn close(&mut self, _: &dyn Host) {
        // The other end may be gone already.
        let _ = self.0.finish();
    }
}
