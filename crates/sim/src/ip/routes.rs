//! The routing table: where to, over which interface, by way of whom.

use super::balance;
use crate::prefix::prefix_contains;
use crate::topology::Balance;
use std::net::Ipv4Addr;
use wire::ipv4::Ipv4;

/// One line of the table.
#[derive(Debug, Clone)]
pub(super) struct Route {
    network: Ipv4Addr,
    prefix: u8,
    /// One, or alternatives.
    next_hops: Vec<NextHop>,
    /// Whose turn it is, where packets go to one after the other.
    turn: usize,
}

/// A way on.
#[derive(Debug, Clone, Copy)]
pub(super) struct NextHop {
    /// `None`: the destination itself, on the link.
    pub(super) via: Option<Ipv4Addr>,
    pub(super) interface: usize,
}

/// Where a packet goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) interface: usize,
    /// Whose link-layer address is needed.
    pub(super) next: Ipv4Addr,
}

/// All routes of a node, the longest prefix first.
#[derive(Debug, Clone)]
pub(super) struct Routes {
    routes: Vec<Route>,
    balance: Option<Balance>,
    /// What makes this node's choices differ from other nodes': [`balance::salt`].
    salt: u64,
}

impl Route {
    pub(super) fn new(network: Ipv4Addr, prefix: u8, next_hops: Vec<NextHop>) -> Self {
        Self { network, prefix, next_hops, turn: 0 }
    }

    fn contains(&self, to: Ipv4Addr) -> bool {
        prefix_contains(self.network, self.prefix, to)
    }
}

impl NextHop {
    fn towards(self, to: Ipv4Addr) -> Hop {
        Hop { interface: self.interface, next: self.via.unwrap_or(to) }
    }
}

impl Routes {
    // ANCHOR: longest-first
    pub(super) fn new(mut routes: Vec<Route>, balance: Option<Balance>, salt: u64) -> Self {
        // A stable sort: of equal prefixes the first of the file stays first.
        routes.sort_by_key(|route| std::cmp::Reverse(route.prefix));
        Self { routes, balance, salt }
    }
    // ANCHOR_END: longest-first

    /// Puts `route` in the place of all routes by way of somebody to just this network.
    pub(super) fn change(&mut self, network: Ipv4Addr, prefix: u8, route: Option<Route>) {
        let is_same = |own: &Route| own.prefix == prefix && prefix_contains(network, prefix, own.network);
        self.routes.retain(|own| !is_same(own) || own.next_hops.iter().any(|next_hop| next_hop.via.is_none()));
        // Before its equals: a link's own route to the same network would hide it.
        let place = self.routes.partition_point(|own| own.prefix > prefix);
        if let Some(route) = route {
            self.routes.insert(place, route);
        }
    }

    /// RFC 1812 section 5.2.4.3: of the routes that match, the one with the longest prefix; of its next hops the first.
    // ANCHOR: lookup
    pub(super) fn lookup(&self, to: Ipv4Addr) -> Option<Hop> {
        let route = self.routes.iter().find(|route| route.contains(to))?;
        Some(route.next_hops.first()?.towards(to))
    }
    // ANCHOR_END: lookup

    /// The same for a socket that is bound to `interface`: what does not lead there is no way for it.
    pub(super) fn lookup_by(&self, to: Ipv4Addr, interface: usize) -> Option<Hop> {
        let routes = self.routes.iter().filter(|route| route.contains(to));
        let mut next_hops = routes.flat_map(|route| &route.next_hops);
        Some(next_hops.find(|next_hop| next_hop.interface == interface)?.towards(to))
    }

    /// The next hop for a packet to `to` that has this header and payload, or quotes them.
    pub(super) fn choose(&mut self, to: Ipv4Addr, header: &Ipv4, payload: &[u8]) -> Option<Hop> {
        let route = self.routes.iter_mut().find(|route| route.contains(to))?;
        let choices = route.next_hops.len();
        let chosen = match self.balance.filter(|_| choices > 1) {
            None => 0,
            Some(Balance::Flow) => balance::region(balance::flow(self.salt, header, payload), choices),
            Some(Balance::Addresses) => balance::region(balance::addresses(self.salt, header), choices),
            Some(Balance::Packet) => {
                let turn = route.turn;
                route.turn = (turn + 1) % choices;
                turn
            }
        };
        Some(route.next_hops.get(chosen)?.towards(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::ipv4::UDP;

    fn route(network: [u8; 4], prefix: u8, interfaces: &[usize]) -> Route {
        let next_hops = interfaces.iter().map(|interface| NextHop { via: None, interface: *interface }).collect();
        Route::new(network.into(), prefix, next_hops)
    }

    #[test]
    fn longest_prefix_wins_whatever_the_order() {
        let routes = vec![route([0; 4], 0, &[0]), route([10, 1, 2, 3], 32, &[1]), route([10, 1, 0, 0], 16, &[2])];
        let routes = Routes::new(routes, None, 0);
        let interface = |to: [u8; 4]| routes.lookup(to.into()).unwrap().interface;
        assert_eq!((interface([10, 1, 2, 3]), interface([10, 1, 9, 9]), interface([8, 8, 8, 8])), (1, 2, 0));
    }

    #[test]
    fn bound_socket_takes_the_best_way_that_leads_by_its_interface() {
        let routes = vec![route([0; 4], 0, &[0, 3]), route([10, 1, 0, 0], 16, &[2, 1]), route([10, 1, 2, 3], 32, &[1])];
        let routes = Routes::new(routes, None, 0);
        let by = |interface| routes.lookup_by([10, 1, 2, 3].into(), interface).map(|hop| hop.interface);
        assert_eq!([by(0), by(1), by(2), by(3), by(4)], [Some(0), Some(1), Some(2), Some(3), None]);
    }

    #[test]
    fn change_replaces_the_route_to_just_that_network() {
        let by_way_of = |interface| {
            let next_hop = NextHop { via: Some([10, 9, 9, 9].into()), interface };
            Route::new([10, 1, 0, 0].into(), 16, vec![next_hop])
        };
        let table = vec![route([0; 4], 0, &[0]), by_way_of(1), route([10, 1, 2, 0], 24, &[2])];
        let mut routes = Routes::new(table, None, 0);
        let ways = |routes: &Routes| {
            [[10, 1, 9, 9], [10, 1, 2, 3], [8; 4]].map(|to: [u8; 4]| routes.lookup(to.into()).unwrap().interface)
        };
        assert_eq!(ways(&routes), [1, 2, 0]);
        routes.change([10, 1, 0, 0].into(), 16, Some(by_way_of(7)));
        assert_eq!(ways(&routes), [7, 2, 0]);
        routes.change([10, 1, 0, 0].into(), 16, None);
        assert_eq!(ways(&routes), [0, 2, 0], "where there is none, the default has it");
        routes.change([10, 1, 2, 0].into(), 24, Some(route([10, 1, 2, 0], 24, &[8])));
        assert_eq!(ways(&routes), [0, 8, 0], "before the link's own");
    }

    #[test]
    fn packets_one_after_the_other_take_turns_and_flows_keep_theirs() {
        let header = Ipv4::new([10, 0, 0, 1].into(), [10, 1, 2, 3].into(), UDP);
        let ways = |balance, port: &dyn Fn(u8) -> u8| -> Vec<usize> {
            let mut routes = Routes::new(vec![route([0; 4], 0, &[4, 5, 6])], Some(balance), 0);
            (0..6)
                .map(|n| routes.choose([10, 1, 2, 3].into(), &header, &[0, port(n), 0, 1]).unwrap().interface)
                .collect()
        };
        assert_eq!(ways(Balance::Packet, &|_| 7), [4, 5, 6, 4, 5, 6]);
        for balance in [Balance::Flow, Balance::Addresses] {
            let constant = ways(balance, &|_| 7);
            assert!(constant.iter().all(|way| *way == constant[0]), "{balance:?}: {constant:?}");
        }
        let by_port = ways(Balance::Flow, &|n| n);
        assert!(by_port.iter().any(|way| *way != by_port[0]), "{by_port:?}");
        let by_addresses = ways(Balance::Addresses, &|n| n);
        assert!(by_addresses.iter().all(|way| *way == by_addresses[0]), "{by_addresses:?}");
    }
}
