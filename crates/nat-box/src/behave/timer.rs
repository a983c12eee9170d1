//! How long a UDP mapping lives when nobody uses it, and what keeps it alive: RFC 5780 section 4.6.
//!
//! One socket asks, so that there is a mapping, and is quiet. After a while *another* socket asks, and wants the answer
//! sent to the first one's outside port. If it comes, the mapping was alive. Each length of time is tried with a socket
//! of its own: to look is to refresh.

use super::Finding;
use super::prober::Prober;
use crate::asker::{self, Asking};
use crate::stun::Request;
use cli::Failure;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

const HOW: &str = "one socket asks and is quiet; later another asks that the answer go to the first one's outside port: RFC 5780 \
                   section 4.6";
const HOW_REFRESHED: &str = "the same with a packet after three quarters of the time, and a look after as much again";

impl Prober<'_> {
    /// How long a mapping lives, to the second, looked for by halving.
    pub(super) fn timers(&mut self, longest: Duration) -> Result<Vec<Finding>, Failure> {
        let question = "UDP timer";
        let requirement = Some("REQ-5: 120 s or more");
        let (mut alive, mut dead) = (0, longest.as_secs());
        if self.is_alive_after(Duration::from_secs(dead))? {
            let finding = format!("more than {dead} s");
            return Ok(vec![Finding { question, finding, requirement, met: (dead >= 120).then_some(true), how: HOW }]);
        }
        while alive + 1 < dead {
            let middle = alive.midpoint(dead);
            if self.is_alive_after(Duration::from_secs(middle))? {
                alive = middle;
            } else {
                dead = middle;
            }
        }
        let timer = Finding { question, finding: format!("{dead} s"), requirement, met: Some(dead >= 120), how: HOW };
        // Well before and well after the end of the timer, whatever the way takes.
        let most = Duration::from_secs(dead) * 3 / 4;
        let refreshed = |kept| if kept { "refreshes" } else { "does not refresh" };
        let out = self.is_alive_after_two(most, true)?;
        let outbound = Finding {
            question: "UDP packet that goes out",
            finding: refreshed(out).into(),
            requirement: Some("REQ-6: refreshes"),
            met: Some(out),
            how: HOW_REFRESHED,
        };
        let came = self.is_alive_after_two(most, false)?;
        let inbound = Finding {
            question: "UDP packet that comes in",
            finding: refreshed(came).into(),
            requirement: None,
            met: None,
            how: HOW_REFRESHED,
        };
        Ok(vec![timer, outbound, inbound])
    }

    fn is_alive_after(&mut self, time: Duration) -> Result<bool, Failure> {
        let (mut quiet, port) = self.quiet()?;
        self.sleep(time)?;
        self.reaches(&mut quiet, port)
    }

    /// Whether a mapping lives for twice this time with a packet in the middle, out or in.
    fn is_alive_after_two(&mut self, time: Duration, outward: bool) -> Result<bool, Failure> {
        let (mut quiet, port) = self.quiet()?;
        self.sleep(time)?;
        if outward {
            self.mapped(&mut quiet, self.server)?;
        } else {
            self.reaches(&mut quiet, port)?;
        }
        self.sleep(time)?;
        self.reaches(&mut quiet, port)
    }

    /// A socket with a mapping, and its outside port.
    fn quiet(&mut self) -> Result<(Asking, u16), Failure> {
        let mut asking = self.open(self.from, 0)?;
        let port = self.mapped(&mut asking, self.server)?.port();
        Ok((asking, port))
    }

    fn sleep(&mut self, time: Duration) -> Result<(), Failure> {
        let until = self.host.now() + time;
        Ok(self.host.sleep(until)?)
    }

    /// Whether an answer that another socket asks for gets to `quiet` by its outside port.
    fn reaches(&mut self, quiet: &mut Asking, port: u16) -> Result<bool, Failure> {
        let mut other = self.open(self.from, 0)?;
        for _ in 0..2 {
            let transaction = asker::transaction(self.host);
            let request = Request { transaction, response_port: Some(port), ..Request::default() };
            other.socket.send(Some(self.server.into()), &request.bytes())?;
            let until = self.host.now() + self.wait.min(SECOND);
            if asker::hear(quiet, transaction, until)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
