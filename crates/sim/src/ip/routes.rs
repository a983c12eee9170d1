//! The routing table: where to, over which interface, by way of whom.

use crate::prefix::prefix_contains;
use std::net::Ipv4Addr;

/// One line of the table.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) network: Ipv4Addr,
    pub(super) prefix: u8,
    /// `None`: on the link itself.
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
pub(super) struct Routes(Vec<Route>);

impl Routes {
    pub(super) fn new(mut routes: Vec<Route>) -> Self {
        // A stable sort: of equal prefixes the first of the file stays first.
        routes.sort_by_key(|route| std::cmp::Reverse(route.prefix));
        Self(routes)
    }

    /// RFC 1812 section 5.2.4.3: of the routes that match, the one with the longest prefix.
    pub(super) fn lookup(&self, to: Ipv4Addr) -> Option<Hop> {
        let route = self.0.iter().find(|route| prefix_contains(route.network, route.prefix, to))?;
        Some(Hop { interface: route.interface, next: route.via.unwrap_or(to) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(network: [u8; 4], prefix: u8, interface: usize) -> Route {
        Route { network: network.into(), prefix, via: None, interface }
    }

    #[test]
    fn longest_prefix_wins_whatever_the_order() {
        let routes = Routes::new(vec![route([0; 4], 0, 0), route([10, 1, 2, 3], 32, 1), route([10, 1, 0, 0], 16, 2)]);
        let interface = |to: [u8; 4]| routes.lookup(to.into()).unwrap().interface;
        assert_eq!((interface([10, 1, 2, 3]), interface([10, 1, 9, 9]), interface([8, 8, 8, 8])), (1, 2, 0));
    }
}
