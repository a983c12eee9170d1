//! Waiting at the same sockets again and again, or at many: epoll(7), which keeps what is waited for between the calls.
//!
//! poll(2) is told all of it each time, and looks at each: with nine thousand connections of which one has something to say, a
//! turn took 10 ms so, and takes 0.04 ms here. Who waits tells the whole list here too, but it is only compared with the last one,
//! and the kernel is told what lies between their common beginning and their common end.

use host::{Interest, SocketId};
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io;
use socket2::Socket;
use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

/// From so many sockets on, this is cheaper than poll(2), also where the list changes from call to call.
pub(crate) const MANY: usize = 16;

/// Ctrl-C among what is watched, which no socket has the number of.
const WAKE: u64 = u64::MAX;

/// What the kernel was told to look at.
pub(crate) struct Many {
    pub(crate) epoll: OwnedFd,
    list: Vec<Interest>,
    watched: BTreeMap<SocketId, EventFlags>,
    events: Vec<epoll::Event>,
}

impl Many {
    /// Watches for what wakes on Ctrl-C, if something does, from now on.
    pub(crate) fn new(wake: Option<&UnixStream>) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        if let Some(wake) = wake {
            epoll::add(&epoll, wake, EventData::new_u64(WAKE), EventFlags::IN)?;
        }
        Ok(Self { epoll, list: vec![], watched: BTreeMap::new(), events: vec![] })
    }

    /// Watches for `on` and nothing else; false, and nothing is changed, if one of these is not among the open `sockets`.
    ///
    /// # Errors
    /// As `epoll_ctl(2)`. What is watched is then not known: this is to be thrown away.
    pub(crate) fn watch(&mut self, on: &[Interest], sockets: &BTreeMap<SocketId, Rc<Socket>>) -> io::Result<bool> {
        let front = self.list.iter().zip(on).take_while(|(was, is)| was == is).count();
        let was = self.list.get(front..).unwrap_or_default();
        let is = on.get(front..).unwrap_or_default();
        // Those of the last list are open: who is closed leaves it.
        if is.iter().any(|one| !sockets.contains_key(&one.socket)) {
            return Ok(false);
        }
        let back = was.iter().rev().zip(is.iter().rev()).take_while(|(was, is)| was == is).count();
        let middle = |list: &[Interest]| {
            list.iter().take(list.len() - back).map(|one| (one.socket, EventFlags::empty())).collect()
        };
        let mut changed: BTreeMap<SocketId, EventFlags> = middle(was);
        changed.append(&mut middle(is));
        if !changed.is_empty() {
            // One socket may be waited for in several places.
            for one in on {
                if let Some(flags) = changed.get_mut(&one.socket) {
                    *flags |= wanted(one);
                }
            }
            changed.into_iter().try_for_each(|(id, flags)| self.look_for(id, flags, sockets))?;
            self.list = on.to_vec();
        }
        Ok(true)
    }

    fn look_for(
        &mut self,
        id: SocketId,
        flags: EventFlags,
        sockets: &BTreeMap<SocketId, Rc<Socket>>,
    ) -> io::Result<()> {
        let Some(socket) = sockets.get(&id) else { return Ok(()) };
        let data = EventData::new_u64(id.0.into());
        let watched = if flags.is_empty() { self.watched.remove(&id) } else { self.watched.insert(id, flags) };
        match watched {
            Some(was) if was == flags => Ok(()),
            Some(_) if flags.is_empty() => epoll::delete(&self.epoll, socket),
            Some(_) => epoll::modify(&self.epoll, socket, data, flags),
            None if flags.is_empty() => Ok(()),
            None => epoll::add(&self.epoll, socket, data, flags),
        }
    }

    /// Forgets a socket that is about to be closed. The kernel would keep it if a child had the same descriptor.
    pub(crate) fn forget(&mut self, id: SocketId, socket: &Socket) {
        if self.watched.remove(&id).is_some() {
            let _ = epoll::delete(&self.epoll, socket);
            self.list.retain(|one| one.socket != id);
        }
    }

    /// Waits no longer than `rest` (`None`: for ever) for one of `on`, which it watches for, or for Ctrl-C. Which of `on` are ready,
    /// by their places.
    ///
    /// # Errors
    /// As `epoll_wait(2)`.
    pub(crate) fn ready(&mut self, on: &[Interest], rest: Option<&Timespec>) -> io::Result<Vec<usize>> {
        self.events.clear();
        self.events.reserve(self.watched.len() + 1);
        epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut self.events), rest)?;
        let found = &mut self.events;
        found.sort_unstable_by_key(|event| event.data.u64());
        let is_ready = |one: &Interest| {
            let place = found.binary_search_by_key(&u64::from(one.socket.0), |event| event.data.u64());
            place.is_ok_and(|place| found.get(place).is_some_and(|event| { event.flags }.intersects(wanted(one))))
        };
        Ok(on.iter().enumerate().filter(|(_, one)| is_ready(one)).map(|(index, _)| index).collect())
    }
}

/// What is looked for; errors and hang-ups always are.
fn wanted(one: &Interest) -> EventFlags {
    let mut flags = EventFlags::ERR | EventFlags::HUP;
    flags.set(EventFlags::IN, one.read);
    flags.set(EventFlags::OUT, one.write);
    flags
}
