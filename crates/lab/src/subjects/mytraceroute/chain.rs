//! Routers in a row, as many as are drawn, with the delays that are drawn.

use crate::check::case::Case;
use crate::subjects::Draw;
use std::fmt::Write as _;

/// All of them answer.
pub(super) fn straight(draw: &mut Draw) -> Case {
    let chain = Chain::drawn(draw);
    chain.case("straight", "A row of routers, all of which answer", 0, &[])
}

/// One of them says nothing.
pub(super) fn silent_hop(draw: &mut Draw) -> Case {
    let chain = Chain::drawn(draw);
    let silent = 1 + draw.below(chain.routers - 1);
    chain.case("silent-hop", "A row of routers, one of which says nothing", 0, &[format!("drop icmp from r{silent}")])
}

/// The target says nothing: there is no end but the last hop.
pub(super) fn dead_end(draw: &mut Draw) -> Case {
    let chain = Chain::drawn(draw);
    chain.case("stops", "A row of routers, and a target that says nothing", 2, &["drop ip to server".into()])
}

struct Chain {
    routers: u64,
    /// The first two bytes of all addresses in it.
    place: [u64; 2],
    delays: Vec<u64>,
}

impl Chain {
    fn drawn(draw: &mut Draw) -> Self {
        let routers = 2 + draw.below(6);
        let place = [11 + draw.below(100), draw.below(256)];
        Self { routers, place, delays: (0..=routers).map(|_| 1 + draw.below(300)).collect() }
    }

    /// The address with this last byte in network `number`, which is behind router `number`.
    fn address(&self, number: u64, last: u64) -> String {
        let [a, b] = self.place;
        format!("{a}.{b}.{number}.{last}")
    }

    /// A traceroute to the server, and so many hops beyond.
    fn case(&self, check: &str, about: &str, beyond: u64, faults: &[String]) -> Case {
        let server = self.address(self.routers, 3);
        let most = (self.routers + 1 + beyond).to_string();
        Case::in_network(check, about, self.text(faults), &[&server, "-m", &most])
    }

    fn text(&self, faults: &[String]) -> String {
        let mut text = format!("title = \"Routers in a row\"\nat = \"client\"\nfaults = {faults:?}\n");
        let _ = write!(
            text,
            "[hosts.client]\non.net0 = \"{}/24 at 02:00:00:00:01:03\"\ngateway = \"{}\"\n",
            self.address(0, 3),
            self.address(0, 100)
        );
        for router in 1..=self.routers {
            let before = router - 1;
            let _ = write!(
                text,
                "[routers.r{router}]\non.net{before} = \"{}/24 at 02:00:00:00:1{router}:00\"\n\
                 on.net{router} = \"{}/24 at 02:00:00:00:1{router}:01\"\nroutes = [",
                self.address(before, 100),
                self.address(router, 1)
            );
            for back in 0..before {
                let _ = write!(text, "\"{}/24 via {}\", ", self.address(back, 0), self.address(before, 1));
            }
            if router < self.routers {
                let _ = write!(text, "\"default via {}\"", self.address(router, 100));
            }
            text.push_str("]\n");
        }
        let _ = write!(
            text,
            "[hosts.server]\non.net{0} = \"{1}/24 at 02:00:00:00:0a:03\"\ngateway = \"{2}\"\n[links]\n",
            self.routers,
            self.address(self.routers, 3),
            self.address(self.routers, 1)
        );
        for (number, delay) in self.delays.iter().enumerate() {
            let _ = writeln!(text, "net{number} = {{ delay = \"{}.{} ms\" }}", delay / 10, delay % 10);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_are_drawn_are_networks_and_of_many_lengths() {
        let mut lengths = std::collections::BTreeSet::new();
        for seed in 0..100 {
            for make in [straight, silent_hop, dead_end] {
                let case = make(&mut Draw::new(seed, "x"));
                case.world(seed).unwrap();
                lengths.insert(case.arguments[2].clone());
            }
        }
        assert_eq!(lengths.len(), 8, "of 3 to 8 hops, and two beyond");
    }
}
