//! Programs on simulated nodes, and how the world runs for them.
//!
//! Two carriers of [`host::Guest`] end here. A **driver** is a program whose waits run the event loop: no thread, and a debugger
//! steps from the tool into the network. Programs in **lockstep** have a thread each; exactly one side runs at any moment. For
//! the third, a program in a process of its own, the crate `lend` takes what it asks to one of these two.

use crate::world::{Moment, Running, World};
use host::{Call, Carrier, Error, Guest, Host, Lockstep, Program, Reply, Result, SocketId, Time, lockstep};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::thread::JoinHandle;

/// A host for the program that drives the world, at the node named `name`; `None`: there is no such node.
#[must_use]
pub fn guest(world: &Rc<RefCell<World>>, name: &str) -> Option<Guest> {
    driver(world, name).map(Guest::new)
}

/// The carrier of that program: for who takes a program's calls to the world and is not the program.
#[must_use]
pub fn driver(world: &Rc<RefCell<World>>, name: &str) -> Option<Driver> {
    let node = world.borrow().node_named(name)?;
    Some(Driver { world: Rc::clone(world), node, sockets: Belongings::default() })
}

/// Starts `program` in lockstep at the node named `name`; `None`: there is no such node.
///
/// It runs at once, until it has to wait. When the world is dropped, its calls end with [`Error::Gone`].
pub fn spawn(
    world: &Rc<RefCell<World>>,
    name: &str,
    program: impl FnOnce(&mut dyn Host) -> Result<()> + Send + 'static,
) -> Option<JoinHandle<Result<()>>> {
    spawn_with(world, name, move |carrier| program(&mut Guest::new(carrier)))
}

/// As [`spawn`], for who takes a program's calls to the world and is not the program.
pub fn spawn_with<T: Send + 'static>(
    world: &Rc<RefCell<World>>,
    name: &str,
    run: impl FnOnce(Lockstep) -> T + Send + 'static,
) -> Option<JoinHandle<T>> {
    let node = world.borrow().node_named(name)?;
    let (carrier, line) = lockstep();
    let thread = std::thread::spawn(move || run(carrier));
    world.borrow_mut().admit(node, line);
    Some(thread)
}

/// A carrier whose calls run the event loop.
pub struct Driver {
    world: Rc<RefCell<World>>,
    node: usize,
    sockets: Belongings,
}

/// The sockets that a program has open: when it is gone they are closed, as a real host does it.
#[derive(Debug, Default)]
pub(crate) struct Belongings(BTreeSet<SocketId>);

impl Belongings {
    /// What a call and its answer do to them.
    fn note(&mut self, call: &Call, reply: &Result<Reply>) {
        match (call, reply) {
            (Call::Close(id), _) => drop(self.0.remove(id)),
            (_, Ok(Reply::Socket(id, ..))) => drop(self.0.insert(*id)),
            _ => {}
        }
    }
}

impl Carrier for Driver {
    fn call(&mut self, call: Call) -> (Time, Result<Reply>) {
        let mut world = self.world.borrow_mut();
        let reply = world.drive(self.node, &call);
        self.sockets.note(&call, &reply);
        if call == Call::Exit {
            world.close_all(self.node, std::mem::take(&mut self.sockets));
        }
        (world.now(), reply)
    }
}

impl Drop for Driver {
    /// A program may be gone without leave-taking.
    fn drop(&mut self) {
        if let Ok(mut world) = self.world.try_borrow_mut() {
            world.close_all(self.node, std::mem::take(&mut self.sockets));
        }
    }
}

impl World {
    /// Runs the world until it has an answer to `call` of the driving program at `node`.
    fn drive(&mut self, node: usize, call: &Call) -> Result<Reply> {
        if let Some(reply) = self.attempt(node, call) {
            return reply;
        }
        let until = call.until();
        while self.now() < until {
            if self.is_stopped() {
                return Err(Error::Interrupted);
            }
            match self.advance(until) {
                Moment::Event(touched) if touched == node || self.is_flooded() => {
                    if let Some(reply) = self.attempt(node, call) {
                        return reply;
                    }
                }
                Moment::Event(_) => {}
                Moment::Deadline => break,
                Moment::Never => return Err(Error::Idle),
            }
        }
        Ok(Reply::Late)
    }

    fn admit(&mut self, node: usize, line: Program) {
        let pending = line.next();
        self.programs.push(Running { node, line, pending, sockets: Belongings::default() });
        self.run_programs_at(node);
    }

    /// Closes what a program at `node` has left open.
    fn close_all(&mut self, node: usize, sockets: Belongings) {
        for id in sockets.0 {
            let _ = self.attempt(node, &Call::Close(id));
        }
    }

    /// Leaves the program that came first of those that are still here: its calls end with [`Error::Gone`] from now on.
    pub fn leave_a_program(&mut self) {
        if !self.programs.is_empty() {
            let gone = self.programs.remove(0);
            self.close_all(gone.node, gone.sockets);
        }
    }

    /// Lets the programs at `node` run until each has to wait.
    pub(crate) fn run_programs_at(&mut self, node: usize) {
        for index in 0..self.programs.len() {
            while let Some(call) = self
                .programs
                .get_mut(index)
                .filter(|running| running.node == node)
                .and_then(|running| running.pending.take())
            {
                let reply = self.attempt(node, &call);
                let Some(running) = self.programs.get_mut(index) else { return };
                let Some(reply) = reply else {
                    running.pending = Some(call);
                    break;
                };
                running.sockets.note(&call, &reply);
                running.line.answer(self.now, reply);
                running.pending = running.line.next();
                self.bury(index);
            }
        }
    }

    /// If this program is gone, with or without leave-taking, closes what it has left open.
    fn bury(&mut self, index: usize) {
        if let Some(running) = self.programs.get_mut(index).filter(|running| running.pending.is_none()) {
            let (node, sockets) = (running.node, std::mem::take(&mut running.sockets));
            self.close_all(node, sockets);
        }
    }

    /// When the first of the waiting programs gives up.
    pub(crate) fn next_deadline(&self) -> Time {
        self.programs
            .iter()
            .filter_map(|running| running.pending.as_ref())
            .map(Call::until)
            .min()
            .unwrap_or(Time::NEVER)
    }

    /// Tells the programs whose time has come so, and lets them run on.
    pub(crate) fn expire_programs(&mut self) {
        for index in 0..self.programs.len() {
            let Some(running) = self.programs.get_mut(index) else { return };
            if running.pending.take_if(|call| call.until() <= self.now).is_some() {
                running.line.answer(self.now, Ok(Reply::Late));
                running.pending = running.line.next();
                let node = running.node;
                self.bury(index);
                self.run_programs_at(node);
            }
        }
    }
}
