//! How long a packet may be on its way to a destination: RFC 1191.
//!
//! Learnt from routers that say "fragmentation needed" of a packet that must not be cut. Anybody can send such a message, and a
//! false one slows a host down, so it is believed only if the packet that it quotes could be one of this host's, and could have
//! been too long: RFC 8899 section 4.6.1 asks for as much.
//!
//! Leaves out: the search below what an old router's message leaves open, whose MTU is 0 (RFC 1191 section 5).

use host::Time;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;
use wire::ipv4::Ipv4;

/// RFC 1191 section 3: "A host MUST never reduce its estimate of the Path MTU below 68 octets."
const LEAST: u16 = 68;
/// After this time a larger packet may be tried again: what RFC 1191 section 3 recommends, twice the least that it allows. Old
/// values are then forgotten, as in its section 6.3.
const LIFETIME: Duration = Duration::from_mins(10);
/// For so many destinations at most; the one that was learnt first is forgotten first.
const REMEMBERED: usize = 1024;

/// The MTU towards some destinations, and until when it counts.
#[derive(Debug, Default)]
pub(super) struct PathMtus(BTreeMap<Ipv4Addr, (u16, Time)>);

impl PathMtus {
    /// The MTU of the way to `to`, bytes, if it is known.
    pub(super) fn towards(&self, now: Time, to: Ipv4Addr) -> Option<u16> {
        self.0.get(&to).filter(|(_, until)| now < *until).map(|(mtu, _)| *mtu)
    }

    /// A router says that `quoted` did not fit a link with this MTU.
    pub(super) fn learn(&mut self, now: Time, quoted: &Ipv4, mtu: u16) {
        let to = quoted.destination;
        // RFC 1191 section 3: "A host MUST not increase its estimate of the Path MTU in response to" such a message.
        let is_news = self.towards(now, to).is_none_or(|known| mtu < known);
        if mtu < LEAST || !is_news || !quoted.dont_fragment || quoted.total_length <= mtu {
            return;
        }
        if self.0.len() >= REMEMBERED
            && let Some(oldest) = self.0.iter().min_by_key(|(_, (_, until))| *until).map(|(to, _)| *to)
        {
            self.0.remove(&oldest);
        }
        self.0.insert(to, (mtu, now + LIFETIME));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: Ipv4Addr = Ipv4Addr::new(10, 1, 3, 2);

    fn sent(total_length: u16) -> Ipv4 {
        Ipv4 { dont_fragment: true, total_length, ..Ipv4::new(Ipv4Addr::new(10, 1, 0, 2), TO, 1) }
    }

    fn after(seconds: u64) -> Time {
        Time::START + Duration::from_secs(seconds)
    }

    #[test]
    fn mtu_is_lowered_never_raised_and_forgotten_after_ten_minutes() {
        let mut mtus = PathMtus::default();
        mtus.learn(after(0), &sent(1500), 1400);
        mtus.learn(after(60), &sent(1400), 1280);
        mtus.learn(after(61), &sent(1500), 1400);
        assert_eq!(mtus.towards(after(61), TO), Some(1280));
        assert_eq!(mtus.towards(after(659), TO), Some(1280));
        assert_eq!(mtus.towards(after(660), TO), None);
        mtus.learn(after(700), &sent(1500), 1400);
        assert_eq!(mtus.towards(after(700), TO), Some(1400));
        assert_eq!(mtus.towards(after(700), Ipv4Addr::new(10, 1, 3, 3)), None);
    }

    #[test]
    fn message_that_cannot_be_true_is_not_believed() {
        let mut mtus = PathMtus::default();
        for (quoted, mtu) in [
            (sent(1500), 67),
            (sent(1500), 0),
            (sent(100), 100),
            (sent(100), 1400),
            (Ipv4 { dont_fragment: false, ..sent(1500) }, 1400),
        ] {
            mtus.learn(after(0), &quoted, mtu);
            assert_eq!(mtus.towards(after(0), TO), None, "{mtu}");
        }
        mtus.learn(after(0), &sent(69), 68);
        assert_eq!(mtus.towards(after(0), TO), Some(68));
    }

    #[test]
    fn memory_is_bounded_whoever_lies() {
        let mut mtus = PathMtus::default();
        for number in 0..2000 {
            mtus.learn(after(number), &Ipv4 { destination: u32::try_from(number).unwrap().into(), ..sent(1500) }, 1400);
        }
        assert_eq!(mtus.0.len(), REMEMBERED);
        assert_eq!(mtus.towards(after(0), 1999.into()), Some(1400));
        assert_eq!(mtus.towards(after(0), 100.into()), None);
    }
}
