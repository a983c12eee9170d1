//! The same network with other numbers: for an examination, in which nobody can know the addresses and times before.

use super::{Effect, Net, Node, StaticRoute};
use std::net::Ipv4Addr;
use std::time::Duration;

impl Net {
    /// Flips these bits in every address of its nodes, routes and filters.
    ///
    /// Addresses that have a prefix in common have one as long afterwards, so that all routes lead where they led. The default
    /// route stays one. What is said *within* names, certificates and tables of a NAT is not touched.
    pub fn flip_addresses(&mut self, bits: u32) {
        let flip = |address: &mut Ipv4Addr| *address = Ipv4Addr::from(u32::from(*address) ^ bits);
        for node in &mut self.nodes {
            flip_node(node, &flip);
        }
        for fault in &mut self.faults {
            let Effect::Route { change, .. } = &mut fault.effect else { continue };
            if change.prefix > 0 {
                flip(&mut change.network);
            }
            if let Some(route) = &mut change.route {
                flip_route(route, &flip);
            }
        }
    }

    /// Gives each link another delay: what `change` makes of it.
    pub fn change_delays(&mut self, mut change: impl FnMut(Duration) -> Duration) {
        for link in &mut self.links {
            link.nature.delay = change(link.nature.delay);
            for nature in link.cables.values_mut() {
                nature.delay = change(nature.delay);
            }
        }
    }
}

fn flip_node(node: &mut Node, flip: &impl Fn(&mut Ipv4Addr)) {
    node.interfaces
        .iter_mut()
        .filter_map(|interface| interface.address.as_mut())
        .for_each(|(address, _)| flip(address));
    node.routes.iter_mut().for_each(|route| flip_route(route, flip));
    node.router_id.iter_mut().for_each(flip);
    node.reject.iter_mut().filter(|reject| reject.prefix > 0).for_each(|reject| flip(&mut reject.to));
    node.lies.iter_mut().for_each(|lie| flip(&mut lie.claim));
    node.resolver.iter_mut().for_each(flip);
}

fn flip_route(route: &mut StaticRoute, flip: &impl Fn(&mut Ipv4Addr)) {
    if route.prefix > 0 {
        flip(&mut route.network);
    }
    route.gateways.iter_mut().for_each(|gateway| flip(&mut gateway.via));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{World, guest};
    use host::Host;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn network_with_other_numbers_leads_to_the_same_places() {
        for name in ["routers", "diamond", "hostile-silent", "subnets", "lan"] {
            let mut net = Net::load(name).unwrap();
            let before = Net::load(name).unwrap();
            net.flip_addresses(0x2a_17_05_00);
            net.change_delays(|delay| delay * 3);
            let world = Rc::new(RefCell::new(World::new(&net, 1)));
            let was = Rc::new(RefCell::new(World::new(&before, 1)));
            let (mut host, mut old) = (guest(&world, net.at()).unwrap(), guest(&was, net.at()).unwrap());
            for node in net.host_names() {
                let moved = host.resolve(&node).map(|found| found.len());
                assert_eq!(moved, old.resolve(&node).map(|found| found.len()), "{name} {node}");
                let (Ok(there), Ok(then)) = (host.resolve(&node), old.resolve(&node)) else { continue };
                assert_ne!(there, then, "{name} {node}");
                for (a, b) in there.iter().zip(&then) {
                    let (a, b) = (host.route(*a), old.route(*b));
                    assert_eq!(a.map(|way| way.interface), b.map(|way| way.interface), "{name} {node}");
                }
            }
        }
    }
}
