//! What a program asks of an open connection: RFC 9293 sections 3.9.1.2 (SEND), 3.9.1.3 (RECEIVE), 3.9.1.5 (STATUS).

use super::super::{Out, Stack};
use super::{Entry, Owner};
use host::{Error, Interest, Opt, Reply, Result, SocketId, Time, unsupported};
use tcp::{Received, State};

impl Entry {
    /// How much room a program waits for that has `wanted` bytes to write: for all of them, or for a third of the buffer. Linux waits
    /// for a third too: woken at every acknowledgment, a program would write in small pieces.
    fn has_room_for(&self, wanted: usize) -> bool {
        let enough = wanted.min(self.send_buffer / 3).max(1);
        self.connection.can_send() >= enough || !self.may_send_later()
    }

    /// Whether room is all that there is to wait for; if not, a write ends at once.
    fn may_send_later(&self) -> bool {
        use State::{CloseWait, Established, SynReceived, SynSent};
        matches!(self.connection.state(), SynSent | SynReceived | Established | CloseWait)
    }
}

impl Stack {
    /// The connection of a program's socket.
    pub(super) fn own_connection(&mut self, id: SocketId) -> Option<&mut Entry> {
        self.tcp.entries.get_mut(&id.0).filter(|entry| matches!(entry.owner, Owner::Program))
    }

    /// RECEIVE: up to `len` bytes, none at the end; `None`: nothing has come yet.
    pub(in crate::ip) fn read(&mut self, now: Time, id: SocketId, len: usize, out: &mut Out) -> Option<Result<Reply>> {
        let Some(entry) = self.own_connection(id) else { return Some(Err(Error::Gone)) };
        if len == 0 {
            return Some(Ok(Reply::Bytes(vec![])));
        }
        if !entry.connection.can_receive() {
            return None;
        }
        let mut bytes = vec![0; len.min(entry.connection.info().unread.max(1))];
        let reply = match entry.connection.receive(&mut bytes) {
            Ok(Received::Nothing) => return None,
            Ok(Received::Bytes(count)) => {
                bytes.truncate(count);
                Ok(Reply::Bytes(bytes))
            }
            Ok(Received::End) => Ok(Reply::Bytes(vec![])),
            Err(error) => Err(entry.error(error)),
        };
        // The other side may wait for the room that this made.
        self.flush(now, id.0, out);
        Some(reply)
    }

    /// SEND: as many of the bytes as there is room for; `None`: there is too little.
    pub(in crate::ip) fn write(
        &mut self,
        now: Time,
        id: SocketId,
        bytes: &[u8],
        out: &mut Out,
    ) -> Option<Result<Reply>> {
        let Some(entry) = self.own_connection(id) else { return Some(Err(Error::Gone)) };
        if !entry.has_room_for(bytes.len()) {
            return None;
        }
        let reply = entry.connection.send(bytes).map(Reply::Count).map_err(|error| entry.error(error));
        self.flush(now, id.0, out);
        Some(reply)
    }

    /// CLOSE of one direction: RFC 9293 section 3.6, half-close.
    pub(in crate::ip) fn finish(&mut self, now: Time, id: SocketId, out: &mut Out) -> Result<Reply> {
        let entry = self.own_connection(id).ok_or(Error::Gone)?;
        if entry.connection.state() == State::Closed {
            return Err(entry.connection.failure().map_or(Error::Gone, |failure| entry.error(failure)));
        }
        entry.connection.close();
        self.flush(now, id.0, out);
        Ok(Reply::Done)
    }

    /// STATUS.
    pub(in crate::ip) fn info(&mut self, id: SocketId) -> Result<Reply> {
        if self.tcp.listeners.contains_key(&id.0) {
            return unsupported("state of a connection to tell at a socket that listens", "the simulated network");
        }
        let entry = self.own_connection(id).ok_or(Error::Gone)?;
        Ok(Reply::Info(Box::new((&entry.connection.info()).into())))
    }

    /// Changes an option of a connection, or of a listener for its next ones; `None`: this is no TCP socket.
    pub(in crate::ip) fn tcp_set(
        &mut self,
        now: Time,
        id: SocketId,
        option: &Opt,
        out: &mut Out,
    ) -> Option<Result<()>> {
        if let Some(mut listener) = self.tcp.listeners.remove(&id.0) {
            let changed = self.wish(&mut listener.wishes, option);
            self.tcp.listeners.insert(id.0, listener);
            return Some(changed);
        }
        self.own_connection(id)?;
        let mut entry = self.tcp.entries.remove(&id.0)?;
        let changed = self.change(&mut entry, option);
        self.tcp.entries.insert(id.0, entry);
        // Without Nagle or cork there may be something to send.
        self.flush(now, id.0, out);
        Some(changed)
    }

    /// Whether what is waited for is there; `None`: this is no TCP socket.
    pub(in crate::ip) fn tcp_is_ready(&mut self, interest: &Interest) -> Option<bool> {
        if let Some(listener) = self.tcp.listeners.get(&interest.socket.0) {
            return Some(interest.read && listener.is_ready());
        }
        let entry = self.own_connection(interest.socket)?;
        // A program may write earlier, and its bytes then wait; who asks when there is room, asks when they can leave.
        let is_opening = matches!(entry.connection.state(), State::SynSent | State::SynReceived);
        let may_write = !is_opening && entry.has_room_for(usize::MAX);
        Some(interest.read && entry.connection.can_receive() || interest.write && may_write)
    }
}
