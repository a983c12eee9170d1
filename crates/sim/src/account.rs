//! What the world can tell of a connection that no host could: the lives of both its ends.

use crate::ip::Stack;
use crate::world::World;
use host::{Call, Error, Opt, Reply, Result};

impl World {
    /// The TCP connections of all nodes that are not over, TIME-WAIT included: at which node, from where to where, and the
    /// state by RFC 9293's name.
    #[must_use]
    pub fn connections(&mut self) -> Vec<String> {
        let told = |(node, stack): (&str, &mut Stack)| -> Vec<String> {
            stack.connections().map(|(ends, state)| format!("{node}: {} > {} {state}", ends.own, ends.peer)).collect()
        };
        self.stacks().flat_map(told).collect()
    }

    /// Whether `call` opens a socket whose connections are to be recorded.
    pub(crate) fn asks_for_record(call: &Call) -> bool {
        matches!(call, Call::Connect(_, options) | Call::Listen(_, options) if options.contains(&Opt::Record(true)))
    }

    /// Lets all nodes keep a journal of their connections: which of them is at the other end, nobody knows beforehand.
    pub(crate) fn record_connections(&mut self) {
        self.stacks().for_each(|(_, stack)| stack.record_connections());
    }

    /// What both ends of a connection have to tell. The other end is found by its addresses and ports, so behind a host
    /// that rewrites them it is not.
    pub(crate) fn account(&mut self, node: usize, call: &Call) -> Result<Reply> {
        let stack = self.stack(node).ok_or(Error::Gone)?;
        let (ends, mut account) = match call {
            Call::Account(id) => stack.own_account(*id)?,
            Call::LastAccount(to) => stack.last_account(*to),
            _ => return Err(Error::Gone),
        };
        account.peer = self.stacks().flat_map(|(_, stack)| stack.opposite_account(ends)).collect();
        Ok(Reply::Account(account))
    }
}
