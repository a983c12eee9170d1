//! What a program's sockets share: the clock, Ctrl-C, a table of all sockets, one buffer; and the waiting.

use crate::clock::Clock;
#[cfg(target_os = "linux")]
use crate::many::{MANY, Many};
use crate::stop::Stop;
use host::{Error, Interest, Result, SocketId, Time};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::Socket;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Holds the longest IP packet, and the longest frame that a card puts together from many (64 KiB and a header with a tag).
const LONGEST_MESSAGE: usize = 65_536 + 18;

/// Nanoseconds.
#[cfg(target_os = "linux")]
const MILLISECOND: i64 = 1_000_000;

/// For how long epoll(7) is asked to wait, seconds: its milliseconds are 31 bits. Then it is asked again.
#[cfg(target_os = "linux")]
const LONGEST_EPOLL: i64 = 1_000_000;

/// This program's side of the kernel.
pub(crate) struct Kernel {
    pub(crate) clock: Clock,
    pub(crate) stop: Stop,
    /// What is received lies here until it is copied into a packet of its own length.
    pub(crate) buffer: RefCell<Vec<u8>>,
    sockets: RefCell<BTreeMap<SocketId, Rc<Socket>>>,
    opened: Cell<u32>,
    /// What was waited for last, as long as it was not much.
    #[cfg(target_os = "linux")]
    last: RefCell<Vec<Interest>>,
    /// What waits at many sockets, or at the same again, once that was asked for.
    #[cfg(target_os = "linux")]
    many: RefCell<Option<Many>>,
}

impl Kernel {
    pub(crate) fn new(stop: Stop) -> Self {
        Self {
            clock: Clock::start(),
            stop,
            buffer: RefCell::new(vec![0; LONGEST_MESSAGE]),
            sockets: RefCell::default(),
            opened: Cell::new(0),
            #[cfg(target_os = "linux")]
            last: RefCell::default(),
            #[cfg(target_os = "linux")]
            many: RefCell::default(),
        }
    }

    /// Gives `socket` a number by which `Host::wait` finds it.
    pub(crate) fn register(&self, socket: &Rc<Socket>) -> SocketId {
        let id = SocketId(self.opened.get());
        self.opened.set(id.0.wrapping_add(1));
        self.sockets.borrow_mut().insert(id, Rc::clone(socket));
        id
    }

    /// Forgets a socket that is closed.
    pub(crate) fn forget(&self, id: SocketId) {
        let socket = self.sockets.borrow_mut().remove(&id);
        #[cfg(target_os = "linux")]
        if let (Some(socket), Some(many)) = (&socket, &mut *self.many.borrow_mut()) {
            many.forget(id, socket);
        }
        drop(socket);
    }

    /// Which of `on` are ready, by their indices; none: `until` has come.
    ///
    /// # Errors
    /// `Gone` for a socket that is closed; `Interrupted`.
    pub(crate) fn wait(&self, on: &[Interest], until: Time) -> Result<Vec<usize>> {
        #[cfg(target_os = "linux")]
        if on.len() >= MANY || self.is_as_before(on) {
            return self.wait_at_many(on, until);
        }
        let sockets = self.sockets.borrow();
        let mut fds = Vec::with_capacity(on.len() + 1);
        for one in on {
            let socket = sockets.get(&one.socket).ok_or(Error::Gone)?;
            let mut events = PollFlags::empty();
            events.set(PollFlags::IN, one.read);
            events.set(PollFlags::OUT, one.write);
            fds.push(PollFd::new(socket, events));
        }
        self.poll(&mut fds, until)?;
        Ok(fds.iter().enumerate().filter(|(_, fd)| !fd.revents().is_empty()).map(|(index, _)| index).collect())
    }

    /// Whether that is what was waited for the last time too.
    #[cfg(target_os = "linux")]
    fn is_as_before(&self, on: &[Interest]) -> bool {
        let mut last = self.last.borrow_mut();
        let is_same = !on.is_empty() && *last == on;
        if !is_same {
            last.clear();
            last.extend_from_slice(on);
        }
        is_same
    }

    /// As [`Kernel::wait`], at a cost that does not grow with the sockets that have nothing to say.
    #[cfg(target_os = "linux")]
    fn wait_at_many(&self, on: &[Interest], until: Time) -> Result<Vec<usize>> {
        let failed = |error: Errno| Error::Other(format!("cannot wait at {} sockets: {error}", on.len()));
        let mut place = self.many.borrow_mut();
        let mut many = match place.take() {
            Some(many) => many,
            None => Many::new(self.stop.wake()).map_err(failed)?,
        };
        // If that fails, what is watched is not known, and the next call begins anew.
        let all_open = many.watch(on, &self.sockets.borrow()).map_err(failed)?;
        let many = place.insert(many);
        if !all_open {
            return Err(Error::Gone);
        }
        loop {
            let now = self.clock.now();
            let rest = if self.stop.is_raised() { Some(Timespec::default()) } else { timeout(now, until) };
            // epoll(7) counts milliseconds, and not very many; the rest of one is for poll(2).
            let whole = rest.map(|rest| Timespec {
                tv_sec: rest.tv_sec.min(LONGEST_EPOLL),
                tv_nsec: rest.tv_nsec / MILLISECOND * MILLISECOND,
            });
            let ready = match many.ready(on, whole.as_ref()) {
                Err(Errno::INTR) => vec![],
                ready => ready.map_err(failed)?,
            };
            if !ready.is_empty() {
                return Ok(ready);
            }
            if self.stop.is_raised() {
                return Err(Error::Interrupted);
            }
            if now >= until {
                return Ok(ready);
            }
            if whole == Some(Timespec::default()) {
                let mut fds = Vec::with_capacity(2);
                fds.push(PollFd::new(&many.epoll, PollFlags::IN));
                self.poll(&mut fds, until)?;
            }
        }
    }

    /// Waits until something is ready at one of `on`, or Ctrl-C, or `until`; a time in the past looks without waiting.
    ///
    /// What is ready stands in `on` afterwards. With room for one more in `on`, nothing is allocated.
    ///
    /// # Errors
    /// `Interrupted` on Ctrl-C, now or earlier, if none of `on` is ready.
    pub(crate) fn poll<'a>(&'a self, on: &mut Vec<PollFd<'a>>, until: Time) -> Result<()> {
        let asked = on.len();
        on.extend(self.stop.wake().map(|wake| PollFd::new(wake, PollFlags::IN)));
        let result = loop {
            let now = self.clock.now();
            let rest = if self.stop.is_raised() { Some(Timespec::default()) } else { timeout(now, until) };
            match poll(on, rest.as_ref()) {
                Ok(_) if on.iter().take(asked).any(|fd| !fd.revents().is_empty()) => break Ok(()),
                _ if self.stop.is_raised() => break Err(Error::Interrupted),
                // The kernel counts what a timeout rounds to; so a look at the clock decides whether the time has come.
                Ok(_) | Err(Errno::INTR) if now < until => {}
                Ok(_) | Err(Errno::INTR) => break Ok(()),
                Err(error) => break Err(Error::Other(format!("cannot wait: {error}"))),
            }
        };
        on.truncate(asked);
        result
    }
}

/// How long it is from `now` until `until`; `None`: for ever.
fn timeout(now: Time, until: Time) -> Option<Timespec> {
    let rest = until - now;
    // What a signed number of seconds cannot hold is for ever too.
    let seconds = i64::try_from(rest.as_secs()).ok()?;
    (until != Time::NEVER).then(|| Timespec { tv_sec: seconds, tv_nsec: i64::from(rest.subsec_nanos()) })
}
