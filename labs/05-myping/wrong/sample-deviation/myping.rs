// Fails `statistics`: the deviation of a sample, which divides by one less.
//! Lab 5, solved: ping by RFC 792 page 14.

use crate::ping_socket::PingSocket;
use host::Host;
use host::lab::Lab;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::checksum::Checksum;

/// What to send, and how.
pub struct Options {
    /// How many requests.
    pub count: u16,
    /// How many bytes of data in each.
    pub size: usize,
    /// With which time to live they leave.
    pub ttl: u8,
    /// The identifier of all of them.
    pub id: u16,
}

/// What a packet that came is to us.
pub enum Answer {
    /// The answer to request `seq`: how its packet's TTL arrived, and how many bytes the ICMP message has.
    Reply { seq: u16, ttl: u8, bytes: usize },
    /// `from` says by ICMP type `kind` and `code` that request `seq` was not delivered.
    Error { from: Ipv4Addr, kind: u8, code: u8, seq: u16 },
    /// Somebody else's, or broken.
    NotMine,
}

/// What `ping` tells as it happens.
pub enum Event {
    /// The first answer to a request.
    Reply { seq: u16, ttl: u8, bytes: usize, rtt: Duration },
    /// A further answer to a request.
    Duplicate { seq: u16, rtt: Duration },
    /// A request was not delivered.
    Error { seq: u16, from: Ipv4Addr, kind: u8, code: u8 },
}

/// How it went.
pub struct Stats {
    /// Requests that left.
    pub sent: u32,
    /// Requests that were answered.
    pub received: u32,
    /// Answers beyond the first of each.
    pub duplicates: u32,
}

/// Round trip times, summed up.
pub struct Rtt {
    pub min: Duration,
    pub avg: Duration,
    pub max: Duration,
    /// The standard deviation of all of them (not of a sample).
    pub mdev: Duration,
}

/// An ICMP echo request.
pub fn request(id: u16, seq: u16, payload: &[u8]) -> Lab<Vec<u8>> {
    let mut message = vec![8, 0, 0, 0];
    message.extend(id.to_be_bytes());
    message.extend(seq.to_be_bytes());
    message.extend(payload);
    let checksum = Checksum::default().add(&message).finish();
    message[2..4].copy_from_slice(&checksum.to_be_bytes());
    Ok(message)
}

/// What `packet`, an IPv4 packet with ICMP in it, is to us, who ping `dst` with identifier `id`.
///
/// Errors are the types 3 (unreachable), 11 (time exceeded) and 12 (parameter problem).
pub fn classify(packet: &[u8], dst: Ipv4Addr, id: u16) -> Lab<Answer> {
    let total_length = usize::from(word(packet, 2));
    let Some((header, message)) = packet.get(..total_length).and_then(split) else { return Ok(Answer::NotMine) };
    if Checksum::default().add(message).finish() != 0 {
        return Ok(Answer::NotMine);
    }
    let (kind, code, from) = (message[0], message[1], address(header, 12));
    if kind == 0 && from == dst && word(message, 4) == id {
        return Ok(Answer::Reply { seq: word(message, 6), ttl: header[8], bytes: message.len() });
    }
    // Behind the eight bytes of an error stands the beginning of the packet that it is about.
    if let 3 | 11 | 12 = kind
        && let Some((header, request)) = split(&message[8..])
        && header[9] == 1
        && address(header, 16) == dst
        && request[0] == 8
        && word(request, 4) == id
    {
        return Ok(Answer::Error { from, kind, code, seq: word(request, 6) });
    }
    Ok(Answer::NotMine)
}

/// The IPv4 header of a packet, and at least eight bytes behind it.
fn split(packet: &[u8]) -> Option<(&[u8], &[u8])> {
    let header_length = usize::from(packet.first()? & 15) * 4;
    let (header, behind) = packet.split_at_checked(header_length)?;
    (header_length >= 20 && behind.len() >= 8).then_some((header, behind))
}

/// The number of 16 bits at `at`; 0 where there is none.
fn word(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |word| u16::from_be_bytes([word[0], word[1]]))
}

/// The address at `at` in an IPv4 header.
fn address(header: &[u8], at: usize) -> Ipv4Addr {
    Ipv4Addr::new(header[at], header[at + 1], header[at + 2], header[at + 3])
}

/// Sends `o.count` requests to `dst`, numbered from 1, one a second whatever happens, and tells what comes.
///
/// It listens until two seconds after the last request, whatever came before.
pub fn ping(host: &mut dyn Host, dst: Ipv4Addr, o: &Options, tell: &mut dyn FnMut(Event)) -> Lab<Stats> {
    let mut socket = PingSocket::open(host, dst, o.ttl)?;
    let payload = vec![0; o.size];
    let mut stats = Stats { sent: 0, received: 0, duplicates: 0 };
    // When each request left, and whether it is answered.
    let mut requests = vec![];
    let start = host.now();
    for seq in 1..=o.count {
        requests.push((host.now(), false));
        socket.send(&request(o.id, seq, &payload)?)?;
        stats.sent += 1;
        let seconds = if seq == o.count { seq + 1 } else { seq };
        let until = start + Duration::from_secs(seconds.into());
        while let Some(packet) = socket.recv(until)? {
            match classify(&packet.bytes, dst, o.id)? {
                Answer::Reply { seq, ttl, bytes } => {
                    let Some((sent, answered)) = requests.get_mut(usize::from(seq).wrapping_sub(1)) else { continue };
                    let rtt = packet.at - *sent;
                    if *answered {
                        stats.duplicates += 1;
                        tell(Event::Duplicate { seq, rtt });
                    } else {
                        *answered = true;
                        stats.received += 1;
                        tell(Event::Reply { seq, ttl, bytes, rtt });
                    }
                }
                Answer::Error { from, kind, code, seq } => tell(Event::Error { seq, from, kind, code }),
                Answer::NotMine => {}
            }
        }
    }
    Ok(stats)
}

/// What these round trip times come to; `None` if there are none.
pub fn statistics(rtts: &[Duration]) -> Lab<Option<Rtt>> {
    let (Some(&min), Some(&max)) = (rtts.iter().min(), rtts.iter().max()) else { return Ok(None) };
    let n = rtts.len() as u128;
    let sum: u128 = rtts.iter().map(Duration::as_nanos).sum();
    let squares: u128 = rtts.iter().map(|rtt| rtt.as_nanos().pow(2)).sum();
    let avg = Duration::from_nanos_u128(sum / n);
    // The mean of the squares less the square of the mean, over one denominator, so that nothing is rounded before the end.
    let mdev = Duration::from_nanos_u128(((n * squares - sum * sum) / (n * (n - 1).max(1))).isqrt());
    Ok(Some(Rtt { min, avg, max, mdev }))
}
