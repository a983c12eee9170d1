//! What a router tells behind the quote of its error: RFC 4884.

use std::net::IpAddr;
use wire::extensions::{Extensions, LabelStackEntry, Object, Role};

/// What a router tells of itself behind a quote: RFC 4884.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// RFC 4950: the labels that the probe came with, the outermost first. Packets between routers that switch by labels wear them.
    Labels(Vec<LabelStackEntry>),
    /// RFC 5837: an interface that had to do with the probe.
    Interface {
        /// What it had to do with it.
        role: Role,
        /// Its number at the router.
        if_index: Option<u32>,
        /// Its address.
        address: Option<IpAddr>,
        /// Its name; to be escaped before it is shown.
        name: Option<Vec<u8>>,
        /// Its MTU, in bytes.
        mtu: Option<u32>,
    },
    /// An object of another kind.
    Other {
        /// What kind.
        class_num: u8,
        /// Which one of its kind.
        c_type: u8,
    },
}

impl Told {
    /// What the extensions tell; a damaged structure tells nothing, a damaged object ends what it tells.
    #[must_use]
    pub fn all(extensions: &Extensions<'_>) -> Vec<Told> {
        let objects = extensions.objects().take_while(|_| extensions.is_intact()).map_while(Result::ok);
        let owned = |object: Object<'_>| match object {
            Object::LabelStack(labels) => Told::Labels(labels),
            Object::Interface(interface) => Told::Interface {
                role: interface.role,
                if_index: interface.if_index,
                address: interface.address,
                name: interface.name.map(<[u8]>::to_vec),
                mtu: interface.mtu,
            },
            Object::Other { class_num, c_type, .. } => Told::Other { class_num, c_type },
        };
        objects.map(owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::extensions::structure;

    #[test]
    fn damaged_object_ends_what_is_told_and_a_damaged_structure_tells_nothing() {
        let label = LabelStackEntry { label: 16_004, traffic_class: 0, bottom_of_stack: true, ttl: 1 };
        let other = Object::Other { class_num: 9, c_type: 1, payload: &[] };
        let told = |bytes: &[u8]| Told::all(&Extensions::parse(bytes).unwrap());
        let known = vec![Told::Labels(vec![label]), Told::Other { class_num: 9, c_type: 1 }];
        assert_eq!(told(&structure(&[Object::LabelStack(vec![label]), other.clone()])), known);
        let cut_short = Object::Other { class_num: 1, c_type: 1, payload: &[1, 2, 3] };
        assert_eq!(told(&structure(&[other.clone(), cut_short])), known[1..]);
        let mut damaged = structure(&[other]);
        damaged[6] ^= 1;
        assert_eq!(told(&damaged), []);
    }
}
