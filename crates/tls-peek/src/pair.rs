//! A client and a server in memory: no port, no permission, no time.
//!
//! What one writes the other reads at once, and on its way it is recorded; or changed, where somebody wants to see who notices.

use crate::{Both, Recording, Side};
use host::Time;
use rustls::{ClientConnection, Connection, Error, ServerConnection};
use std::io::{self, Read, Write};
use wire::tls::{RecordHeader, Records};

/// What is said over the connection.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    /// What the client says before the handshake is over, if the server knows it from before.
    pub early: Vec<u8>,
    /// What is said behind it, turn by turn: the next one begins when the one before is over.
    pub turns: Vec<Turn>,
}

/// A request and its answer.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// What the client says.
    pub request: Vec<u8>,
    /// What the server says to that.
    pub answer: Vec<u8>,
}

/// One bit that is changed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flip {
    /// Of which record, from 1, in the order in which they pass.
    pub record: usize,
    /// Of which byte of it, header included, from 0.
    pub byte: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Exchange {
    /// What passed.
    pub recording: Recording,
    /// Who gave up, and why.
    pub given_up: Option<(Side, Error)>,
    /// Whether both ends came to the end of the handshake.
    pub is_established: bool,
    /// Whether the bit that was to be changed was there, and was.
    pub is_flipped: bool,
    /// What the server read before the handshake was over.
    pub early: Vec<u8>,
}

/// What one turn takes in the recording, in nanoseconds: in memory nothing takes time, and something must tell turns apart.
const TURN: u64 = 1_000_000;
/// More turns than any handshake needs.
const MOST_TURNS: usize = 32;

/// Lets both ends talk until they are done, or one gives up.
///
/// # Errors
/// What memory never does.
pub fn talk(
    client: ClientConnection,
    server: ServerConnection,
    talk: &Talk,
    flip: Option<Flip>,
) -> io::Result<Exchange> {
    let mut pair = Pair {
        client: client.into(),
        server: server.into(),
        way: Way { flip, ..Way::default() },
        exchange: Exchange::default(),
        closed: Both::default(),
        turn: 0,
    };
    pair.run(talk)?;
    pair.exchange.is_flipped = pair.way.is_flipped;
    Ok(pair.exchange)
}

struct Pair {
    client: Connection,
    server: Connection,
    way: Way,
    exchange: Exchange,
    /// Who has said goodbye.
    closed: Both<bool>,
    turn: u64,
}

impl Pair {
    fn run(&mut self, talk: &Talk) -> io::Result<()> {
        if let (Connection::Client(client), false) = (&mut self.client, talk.early.is_empty())
            && let Some(mut early) = client.early_data()
        {
            early.write_all(&talk.early)?;
        }
        let (mut asked, mut answered) = (0, 0);
        // How much both will have said with the turns so far.
        let [mut to_server, mut to_client] = [0, 0];
        let [mut at_server, mut at_client] = [vec![], vec![]];
        for _ in 0..MOST_TURNS + 2 * talk.turns.len() {
            let is_heard = asked == answered && at_client.len() == to_client;
            if let Some(turn) = talk.turns.get(asked).filter(|_| is_heard && !self.client.is_handshaking()) {
                self.client.writer().write_all(&turn.request)?;
                (asked, to_server) = (asked + 1, to_server + turn.request.len());
            }
            if is_heard && answered == talk.turns.len() {
                self.close(Side::Client);
            }
            let mut is_moved = self.carry(Side::Client)?;
            read_early(&mut self.server, &mut self.exchange.early)?;
            read_all(&mut self.server, &mut at_server)?;
            if let Some(turn) = talk.turns.get(answered).filter(|_| answered < asked)
                && !self.server.is_handshaking()
                && at_server.len() >= to_server
            {
                self.server.writer().write_all(&turn.answer)?;
                (answered, to_client) = (answered + 1, to_client + turn.answer.len());
                if answered == talk.turns.len() {
                    self.close(Side::Server);
                }
            }
            is_moved |= self.carry(Side::Server)?;
            read_all(&mut self.client, &mut at_client)?;
            if !is_moved {
                break;
            }
        }
        self.exchange.is_established = !self.client.is_handshaking() && !self.server.is_handshaking();
        Ok(())
    }

    /// Says goodbye, once. Who has done so hears nothing more.
    fn close(&mut self, side: Side) {
        if !std::mem::replace(self.closed.of_mut(side), true) {
            match side {
                Side::Client => self.client.send_close_notify(),
                Side::Server => self.server.send_close_notify(),
            }
        }
    }

    /// Carries what one end has to say to the other, and says whether there was something.
    fn carry(&mut self, from: Side) -> io::Result<bool> {
        let (sender, receiver) = match from {
            Side::Client => (&mut self.client, &mut self.server),
            Side::Server => (&mut self.server, &mut self.client),
        };
        let mut bytes = vec![];
        while sender.wants_write() {
            sender.write_tls(&mut bytes)?;
        }
        if bytes.is_empty() {
            return Ok(false);
        }
        self.turn += 1;
        self.way.pass(&mut bytes);
        self.exchange.recording.add(from, Time(self.turn * TURN), &bytes);
        let to = if from == Side::Client { Side::Server } else { Side::Client };
        let mut rest = if *self.closed.of(to) { &[][..] } else { &bytes[..] };
        while !rest.is_empty() && self.exchange.given_up.is_none() {
            if receiver.read_tls(&mut rest)? == 0 {
                break;
            }
            if let Err(error) = receiver.process_new_packets() {
                self.exchange.given_up = Some((to, error));
            }
        }
        Ok(true)
    }
}

/// What is between the two ends.
#[derive(Debug, Default)]
struct Way {
    flip: Option<Flip>,
    records: usize,
    is_flipped: bool,
}

impl Way {
    /// Counts the records of a flight, which ends always send as a whole, and changes what is to be changed.
    fn pass(&mut self, bytes: &mut [u8]) {
        let mut records = Records::default();
        records.push(bytes);
        while let Ok(Some(record)) = records.next_record() {
            self.records += 1;
            let Some(flip) = self.flip.filter(|flip| flip.record == self.records) else { continue };
            let start = usize::try_from(record.at).unwrap_or(usize::MAX);
            if flip.byte < RecordHeader::LEN + record.fragment.len()
                && let Some(byte) = bytes.get_mut(start.saturating_add(flip.byte))
            {
                *byte ^= 1;
                self.is_flipped = true;
            }
        }
    }
}

fn read_early(server: &mut Connection, to: &mut Vec<u8>) -> io::Result<()> {
    if let Connection::Server(server) = server
        && let Some(mut early) = server.early_data()
    {
        early.read_to_end(to)?;
    }
    Ok(())
}

fn read_all(end: &mut Connection, to: &mut Vec<u8>) -> io::Result<()> {
    match end.reader().read_to_end(to) {
        Ok(_) => Ok(()),
        // Nothing more for now, or the other end is gone without a word: what was read is there.
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::UnexpectedEof) => Ok(()),
        Err(error) => Err(error),
    }
}
