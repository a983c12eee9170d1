//! `--threads`: the same loop several times, each in a thread with a host, a listening socket and connections of its own.
//!
//! Threads share nothing but the port, and the kernel says which of them gets a connection. So no lock is between them, and one
//! that is busy holds up nobody but those who came to it.

use super::engine::{self, Event, Options, Summary};
use host::{Error, Host, Result};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// So many events may wait to be told; then the threads wait for who tells them.
const WAITING_EVENTS: usize = 1024;

/// What a thread says.
enum Said {
    /// What happened, at which of them.
    Event(usize, Event),
    /// How its run went.
    Ended(Result<Summary>),
}

/// Serves with so many threads, and tells what happens as if all were one.
///
/// # Errors
/// What the host says of the threads and of their ports, and what `tell` fails with. The threads are then left to end with the
/// program.
pub(super) fn serve<E: From<Error>>(
    host: &mut dyn Host,
    threads: usize,
    options: &Options,
    tell: &mut engine::Tell<'_, E>,
) -> std::result::Result<Summary, E> {
    let (to_teller, said) = sync_channel(WAITING_EVENTS);
    for worker in 0..threads {
        let another = host.another()?;
        let (options, to_teller) = (options.clone(), to_teller.clone());
        thread::spawn(move || {
            let summary = work(&mut *another(), worker, &options, &to_teller);
            // Nobody hears it if the program ends.
            let _ = to_teller.send(Said::Ended(summary));
        });
    }
    drop(to_teller);
    let mut summaries = vec![];
    let mut starting = threads;
    for said in said {
        match said {
            Said::Event(_, Event::Start) => {
                starting -= 1;
                if starting == 0 {
                    tell(&Event::Start)?;
                }
            }
            Said::Event(worker, event) => tell(&of_worker(event, worker))?,
            Said::Ended(summary) => summaries.push(summary?),
        }
    }
    Ok(all_together(summaries))
}

/// One thread's loop.
fn work(host: &mut dyn Host, worker: usize, options: &Options, to_teller: &SyncSender<Said>) -> Result<Summary> {
    let summary = engine::serve(host, options, &mut |event| {
        to_teller.send(Said::Event(worker, event.clone())).map_err(|_| Error::Gone)
    })?;
    // By its place it is known which thread's numbers these are.
    let workers = (0..=worker).map(|place| if place == worker { summary.connections() } else { 0 }).collect();
    Ok(Summary { workers, ..summary })
}

/// The event with the number of its thread in it.
fn of_worker(event: Event, worker: usize) -> Event {
    match event {
        Event::Opened { number, peer, at, .. } => Event::Opened { worker, number, peer, at },
        Event::Answer { number, peer, at, bytes, cwnd, .. } => Event::Answer { worker, number, peer, at, bytes, cwnd },
        Event::Closed { number, peer, at, echoed, end, .. } => Event::Closed { worker, number, peer, at, echoed, end },
        event => event,
    }
}

/// The sum of all.
fn all_together(summaries: Vec<Summary>) -> Summary {
    let first = Summary {
        ended: summaries.first().map_or(engine::Ended::Idle, |summary| summary.ended),
        workers: vec![],
        peak: 0,
        failed: 0,
        echoed: 0,
        span: Duration::ZERO,
    };
    summaries.into_iter().fold(first, |mut sum, one| {
        sum.workers.resize(sum.workers.len().max(one.workers.len()), 0);
        for (all, own) in sum.workers.iter_mut().zip(&one.workers) {
            *all += own;
        }
        sum.peak += one.peak;
        sum.failed += one.failed;
        sum.echoed += one.echoed;
        sum.span = sum.span.max(one.span);
        sum
    })
}
