//! TCP over the loopback: handshakes, closings, options, and many sockets.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends at its first surprise")]

use host::{Error, Host, Interest, Listener, Nagle, Opt, Result, Stream, Time};
use live::{Live, Stop};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(50);
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// Nobody listens there, and no port that the system chooses is so low.
const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

fn live() -> Live {
    Live::new(Stop::never())
}

/// Both ends of a connection: who connected, and who accepted.
fn pair(host: &mut Live, connecting: &[Opt], listening: &[Opt]) -> [Box<dyn Stream>; 2] {
    let mut listener = host.listen_tcp(ANY_PORT, listening).unwrap();
    accepted(host, &mut *listener, connecting)
}

fn accepted(host: &mut Live, listener: &mut dyn Listener, connecting: &[Opt]) -> [Box<dyn Stream>; 2] {
    let until = host.now() + LONG;
    let mut ours = host.connect_tcp(listener.local(), connecting, until).unwrap();
    let mut theirs = listener.accept(until).unwrap().unwrap();
    ours.set_deadline(until);
    theirs.set_deadline(until);
    [ours, theirs]
}

fn received(stream: &mut dyn Stream, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// What a read says that brings no bytes.
fn end(stream: &mut dyn Stream) -> Result<usize> {
    stream.read(&mut [0; 16]).map_err(Error::from)
}

fn said<T>(result: Result<T>) -> String {
    result.err().unwrap().to_string()
}

#[test]
fn both_ends_know_each_other_and_bytes_pass_both_ways() {
    let mut host = live();
    let [mut ours, mut theirs] = pair(&mut host, &[], &[]);
    assert_eq!((ours.local(), ours.peer()), (theirs.peer(), theirs.local()));
    ours.write_all(b"first hop").unwrap();
    assert_eq!(received(&mut *theirs, 9), b"first hop");
    theirs.write_all(b"second").unwrap();
    assert_eq!(host.wait(&[ours.id(), theirs.id()].map(Interest::read), host.now() + LONG), Ok(vec![0]));
    assert_eq!(received(&mut *ours, 6), b"second");
}

#[test]
fn port_where_nobody_listens_refuses() {
    let mut host = live();
    let until = host.now() + LONG;
    assert_eq!(host.connect_tcp(NOBODY, &[], until).err(), Some(Error::Refused));
}

#[test]
fn deadline_of_a_read_write_and_accept_has_passed_before_they_give_up() {
    let mut host = live();
    let mut listener = host.listen_tcp(ANY_PORT, &[]).unwrap();
    assert!(listener.accept(Time::START).unwrap().is_none());
    let until = host.now() + SHORT;
    assert!(listener.accept(until).unwrap().is_none());
    assert!(host.now() >= until);
    let [mut ours, _theirs] = accepted(&mut host, &mut *listener, &[]);
    let until = host.now() + SHORT;
    ours.set_deadline(until);
    assert_eq!(end(&mut *ours), Err(Error::TimedOut));
    assert!(host.now() >= until);
    // The other side does not read: at some time there is no room.
    ours.set_deadline(host.now());
    let full = std::iter::repeat_with(|| ours.write(&[0; 1 << 16])).find_map(std::result::Result::err).unwrap();
    assert_eq!(Error::from(full), Error::TimedOut);
}

#[test]
fn after_fin_the_other_direction_goes_on() {
    let mut host = live();
    let [mut ours, mut theirs] = pair(&mut host, &[], &[]);
    ours.write_all(b"all").unwrap();
    ours.finish().unwrap();
    assert_eq!(received(&mut *theirs, 3), b"all");
    assert_eq!(end(&mut *theirs), Ok(0));
    theirs.write_all(b"and back").unwrap();
    assert_eq!(received(&mut *ours, 8), b"and back");
    let error = Error::from(ours.write(b"more").unwrap_err());
    assert_eq!(error.to_string(), format!("cannot send to {}: this side has closed its direction (FIN)", ours.peer()));
    drop(theirs);
    assert_eq!(end(&mut *ours), Ok(0));
}

#[test]
fn closing_without_lingering_breaks_the_connection_off() {
    let mut host = live();
    let [ours, mut theirs] = pair(&mut host, &[Opt::Linger(Some(Duration::ZERO))], &[]);
    drop(ours);
    assert_eq!(end(&mut *theirs), Err(Error::Reset));
    // Said once; then there is nothing more to hear, and who writes is told again, and not killed.
    assert_eq!(end(&mut *theirs), Ok(0));
    assert_eq!(theirs.write(b"more").map_err(Error::from), Err(Error::Reset));
    assert_eq!(theirs.finish(), Err(Error::Gone));
}

#[test]
fn closing_over_unread_bytes_breaks_the_connection_off() {
    let mut host = live();
    let [mut ours, mut theirs] = pair(&mut host, &[], &[]);
    ours.write_all(b"nobody reads this").unwrap();
    assert_eq!(host.wait(&[Interest::read(theirs.id())], host.now() + LONG), Ok(vec![0]));
    theirs.write_all(b"answer").unwrap();
    assert_eq!(host.wait(&[Interest::read(ours.id())], host.now() + LONG), Ok(vec![0]));
    drop(theirs);
    // RFC 9293 section 3.10.7.4 lets a RST take with it what had come; Linux hands that out first.
    if cfg!(target_os = "linux") {
        assert_eq!(end(&mut *ours), Ok(6));
    }
    assert_eq!(end(&mut *ours), Err(Error::Reset));
}

#[test]
fn address_is_taken_by_who_listens_and_for_a_while_by_who_closed_first() {
    let mut host = live();
    let mut listener = host.listen_tcp(ANY_PORT, &[]).unwrap();
    let at = listener.local();
    assert_eq!(host.listen_tcp(at, &[]).err(), Some(Error::AddressInUse(at)));
    assert_eq!(host.listen_tcp(at, &[Opt::ReuseAddress(true)]).err(), Some(Error::AddressInUse(at)));
    close_first(&mut host, &mut *listener);
    drop(listener);
    // RFC 9293 section 3.6.1: who closes first waits in TIME-WAIT.
    assert_eq!(host.listen_tcp(at, &[]).err(), Some(Error::AddressInUse(at)));
    // It takes both: the one that comes, and the one that lingers.
    let reuse = [Opt::ReuseAddress(true)];
    if cfg!(target_os = "linux") {
        assert_eq!(host.listen_tcp(at, &reuse).err(), Some(Error::AddressInUse(at)));
    }
    let mut listener = host.listen_tcp(ANY_PORT, &reuse).unwrap();
    let at = listener.local();
    close_first(&mut host, &mut *listener);
    drop(listener);
    assert_eq!(host.listen_tcp(at, &[]).err(), Some(Error::AddressInUse(at)));
    assert!(host.listen_tcp(at, &reuse).is_ok());
}

/// A connection that the side which listens closes first.
fn close_first(host: &mut Live, listener: &mut dyn Listener) {
    let [mut ours, theirs] = accepted(host, listener, &[]);
    drop(theirs);
    assert_eq!(end(&mut *ours), Ok(0));
}

#[test]
fn several_listeners_share_a_port_if_all_agree() {
    let mut host = live();
    let share = [Opt::ReusePort(true)];
    let first = host.listen_tcp(ANY_PORT, &share).unwrap();
    assert!(host.listen_tcp(first.local(), &share).is_ok());
    assert_eq!(host.listen_tcp(first.local(), &[]).err(), Some(Error::AddressInUse(first.local())));
}

#[test]
fn source_is_the_address_and_port_that_was_asked_for() {
    let mut host = live();
    let mut listener = host.listen_tcp((Ipv4Addr::UNSPECIFIED, 0).into(), &[]).unwrap();
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, listener.local().port()));
    let until = host.now() + LONG;
    // A port that was free a moment ago.
    let port = host.listen_tcp(ANY_PORT, &[]).unwrap().local().port();
    let source = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let ours = host.connect_tcp(to, &[Opt::Source(source)], until).unwrap();
    assert_eq!((ours.local(), listener.accept(until).unwrap().unwrap().peer()), (source, source));
    assert_eq!(host.connect_tcp(to, &[Opt::Source(source)], until).err(), Some(Error::AddressInUse(source)));
    let foreign = Opt::Source(SocketAddr::from(([192, 0, 2, 1], 0)));
    assert_eq!(said(host.connect_tcp(to, &[foreign], until)), "192.0.2.1 is no address of this machine");
}

#[test]
fn options_that_a_tcp_socket_lacks_are_named() {
    let mut host = live();
    let mut lacks = |option: Opt| said(host.connect_tcp(NOBODY, &[option], Time::START));
    assert_eq!(lacks(Opt::Checksum(false)), "a TCP socket of this machine has no option SO_NO_CHECK");
    assert_eq!(lacks(Opt::Record(true)), "this machine has no record of what left when and why");
    if cfg!(target_os = "linux") {
        assert_eq!(
            lacks(Opt::Nagle(Nagle::Rfc896)),
            "Linux has no rule of Nagle's but Minshall's (RFC 9293 appendix A.3), on or off"
        );
        assert_eq!(lacks(Opt::MaxSegment(87)), "a segment of 87 bytes: 88 to 32767 are allowed");
        let unknown = lacks(Opt::Congestion("vegan\n".into()));
        assert!(unknown.starts_with("this machine's Linux has no congestion control 'vegan\\n', but "), "{unknown}");
    }
    assert_eq!(said(host.connect_tcp("[::1]:1".parse().unwrap(), &[], Time::START)), "this program has no IPv6 yet");
}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;

    #[test]
    fn kernel_tells_what_it_knows_of_both_ends() {
        let mut host = live();
        let reno = Opt::Congestion("reno".into());
        let [mut ours, mut theirs] = pair(&mut host, &[reno.clone(), Opt::MaxSegment(1000)], &[reno]);
        ours.write_all(&[7; 5000]).unwrap();
        received(&mut *theirs, 5000);
        theirs.write_all(b"got it").unwrap();
        received(&mut *ours, 6);
        let [sent, got] = [ours.info().unwrap(), theirs.info().unwrap()];
        assert_eq!((sent.state.as_deref(), sent.congestion.as_deref()), (Some("ESTABLISHED"), Some("reno")));
        assert_eq!((sent.bytes_sent, sent.bytes_received), (Some(5000), Some(6)));
        assert_eq!((got.bytes_sent, got.bytes_received), (Some(6), Some(5000)));
        // All of it was acknowledged with the answer at the latest; that the answer was, it need not have been yet.
        assert_eq!((sent.unacked, sent.queued, sent.retransmits), (Some(0), Some(0), Some(0)));
        // Ten segments to begin with (RFC 6928), and one more for each that was acknowledged while the window was in use.
        let mss = sent.snd_mss.unwrap();
        assert!(mss <= 1000 && sent.cwnd.unwrap() >= 10 * mss, "{sent:?}");
        assert_eq!((sent.ssthresh, sent.ca_state.as_deref()), (Some(u32::MAX), Some("Open")));
        assert!(sent.rtt.is_some_and(|rtt| rtt < LONG) && got.rtt.is_some(), "{sent:?}");
        ours.finish().unwrap();
        assert_eq!(end(&mut *theirs), Ok(0));
        assert_eq!(theirs.info().unwrap().state.as_deref(), Some("CLOSE-WAIT"));
    }

    #[test]
    fn what_was_written_is_under_way_or_queued_or_acknowledged() {
        let mut host = live();
        let buffers = [Opt::SendBuffer(1 << 16), Opt::RecvBuffer(1 << 14), Opt::Congestion("reno".into())];
        let [mut ours, _theirs] = pair(&mut host, &buffers, &buffers);
        ours.set_deadline(host.now());
        let written: usize =
            std::iter::repeat_with(|| ours.write(&[0; 1 << 12])).map_while(std::result::Result::ok).sum();
        host.sleep(host.now() + SHORT).unwrap();
        let info = ours.info().unwrap();
        let (unacked, queued) = (u64::from(info.unacked.unwrap()), u64::from(info.queued.unwrap()));
        let acknowledged = info.bytes_sent.unwrap() - unacked;
        assert_eq!(acknowledged + unacked + queued, written as u64, "{info:?}");
        assert!(queued > 0 && info.rwnd_limited.unwrap() > Duration::ZERO, "{info:?}");
    }

    #[test]
    fn congestion_control_of_a_listener_is_that_of_its_connections() {
        let mut host = live();
        for name in ["reno", "cubic"] {
            let [_ours, mut theirs] = pair(&mut host, &[], &[Opt::Congestion(name.into())]);
            assert_eq!(theirs.info().unwrap().congestion.as_deref(), Some(name));
        }
    }

    #[test]
    fn write_with_more_to_come_waits_for_it() {
        let mut host = live();
        let [mut ours, mut theirs] = pair(&mut host, &[Opt::NoDelay(true), Opt::MsgMore(true)], &[]);
        let start = host.now();
        ours.write_all(b"head").unwrap();
        let early = host.wait(&[Interest::read(theirs.id())], start + SHORT);
        ours.set(Opt::MsgMore(false)).unwrap();
        ours.write_all(b"tail").unwrap();
        // tcp(7): it waits for 200 ms at the most, and on a busy machine they may be over.
        if host.now() - start < Duration::from_millis(150) {
            assert_eq!(early, Ok(vec![]));
            let mut bytes = [0; 16];
            assert_eq!(theirs.read(&mut bytes).unwrap(), 8);
            assert_eq!(&bytes[..8], b"headtail");
        } else {
            assert_eq!(received(&mut *theirs, 8), b"headtail");
        }
    }

    /// Requests of two small writes: how long half of them take at most, after one to warm up.
    ///
    /// `reads`: what is told to the one that answers after each read, since `TCP_QUICKACK` does not stick.
    fn median(host: &mut Live, [mut ours, mut theirs]: [Box<dyn Stream>; 2], reads: Option<&Opt>) -> Duration {
        let mut times: Vec<Duration> = (0..12)
            .map(|_| {
                let start = host.now();
                ours.write_all(b"head").unwrap();
                ours.write_all(b"tail").unwrap();
                let mut request = vec![];
                while request.len() < 8 {
                    let mut bytes = [0; 8];
                    let count = theirs.read(&mut bytes).unwrap();
                    reads.into_iter().for_each(|option| theirs.set(option.clone()).unwrap());
                    request.extend_from_slice(&bytes[..count]);
                }
                theirs.write_all(&request).unwrap();
                received(&mut *ours, 8);
                host.now() - start
            })
            .skip(1)
            .collect();
        times.sort();
        times[times.len() / 2]
    }

    #[test]
    fn small_write_behind_another_waits_unless_either_end_is_told_otherwise() {
        const STALLED: Duration = Duration::from_millis(35);
        const PROMPT: Duration = Duration::from_millis(5);
        let mut host = live();
        let ends = pair(&mut host, &[], &[]);
        let usual = median(&mut host, ends, None);
        assert!(usual >= STALLED, "{usual:?}");
        for (ours, reads) in
            [(Some(Opt::NoDelay(true)), None), (Some(Opt::Nagle(Nagle::Off)), None), (None, Some(Opt::QuickAck(true)))]
        {
            let ends = pair(&mut host, ours.as_slice(), reads.as_slice());
            let told = median(&mut host, ends, reads.as_ref());
            assert!(told <= PROMPT, "{ours:?}, {reads:?}: {told:?}");
        }
    }

    #[test]
    fn sockets_at_a_port_are_known_with_their_state_and_user() {
        let mut host = live();
        let mut listener = host.listen_tcp(ANY_PORT, &[]).unwrap();
        let at = listener.local();
        let [ours, theirs] = accepted(&mut host, &mut *listener, &[]);
        let (peer, user) = (ours.local(), Some(rustix::process::getuid().as_raw()));
        let states = |host: &mut Live| -> Vec<_> {
            host.tcp_sockets(at.port())
                .unwrap()
                .into_iter()
                .map(|one| (one.local, one.peer, one.state, one.user))
                .collect()
        };
        let open = [(at, None, "LISTEN".into(), user), (at, Some(peer), "ESTABLISHED".into(), user)];
        assert_eq!(states(&mut host), open);
        drop((theirs, ours, listener));
        let left = [(at, Some(peer), "TIME-WAIT".into(), None)];
        // A busy machine may deliver the last segments a little later.
        let until = host.now() + LONG;
        let mut last = vec![];
        while last != left && host.now() < until {
            host.sleep(host.now() + SHORT).unwrap();
            last = states(&mut host);
        }
        assert_eq!(last, left);
    }

    #[test]
    fn waiting_at_a_thousand_sockets_names_those_that_are_ready() {
        let mut host = live();
        let mut listener = host.listen_tcp(ANY_PORT, &[]).unwrap();
        let mut pairs: Vec<[Box<dyn Stream>; 2]> = (0..500).map(|_| accepted(&mut host, &mut *listener, &[])).collect();
        let on = |pairs: &[[Box<dyn Stream>; 2]]| -> Vec<Interest> {
            pairs.iter().flatten().map(|end| Interest::read(end.id())).collect()
        };
        let until = host.now() + SHORT;
        assert_eq!(host.wait(&on(&pairs), until), Ok(vec![]));
        assert!(host.now() >= until);
        pairs[400][0].write_all(b"x").unwrap();
        pairs[17][1].write_all(b"x").unwrap();
        let until = host.now() + LONG;
        for there in [pairs[400][1].id(), pairs[17][0].id()] {
            assert_eq!(host.wait(&[Interest::read(there)], until), Ok(vec![0]));
        }
        assert_eq!(host.wait(&on(&pairs), until), Ok(vec![34, 801]));
        assert_eq!(host.wait(&on(&pairs), Time::START), Ok(vec![34, 801]), "until it is read");
        received(&mut *pairs[17][0], 1);
        assert_eq!(host.wait(&on(&pairs), until), Ok(vec![801]));
        // One for something else too, and in two places: ready in that where it is.
        let mut both = on(&pairs);
        both.push(Interest { socket: pairs[3][0].id(), read: false, write: true });
        assert_eq!(host.wait(&both, until), Ok(vec![801, 1000]));
        assert_eq!(host.wait(&on(&pairs), until), Ok(vec![801]), "and no more once nobody asks for it");
        // Who is closed is gone, also from the middle of the list.
        let whole = on(&pairs);
        drop(pairs.remove(200));
        assert_eq!(host.wait(&whole, until), Err(Error::Gone));
        assert_eq!(host.wait(&on(&pairs), until), Ok(vec![799]));
        drop(pairs.remove(0));
        let last = pairs.len() - 1;
        pairs[last][0].finish().unwrap();
        assert_eq!(host.wait(&on(&pairs), until), Ok(vec![797, 2 * last + 1]));
    }
}
