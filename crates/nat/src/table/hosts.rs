//! How many sessions each inside host has; and where filtering depends on the address alone, with whom a mapping has them.

use super::{Host, Permit, Table};
use crate::Reason;
use crate::index::hash;
use std::net::Ipv4Addr;

impl Table {
    /// Counts one more session of a host, if it may have one more.
    pub(super) fn admit(&mut self, address: Ipv4Addr) -> Result<(), Reason> {
        if self.sessions.is_full() {
            return Err(Reason::TableFull);
        }
        let number = self.host(address)?;
        let most = self.most_of_a_host;
        match self.hosts.get_mut(number) {
            Some(host) if host.sessions < most => {
                host.sessions += 1;
                Ok(())
            }
            _ => Err(Reason::HostQuota),
        }
    }

    /// The entry of an inside host, made when there is none.
    pub(super) fn host(&mut self, address: Ipv4Addr) -> Result<u32, Reason> {
        let key = hash(self.secret, u32::from(address).into(), 0);
        let is_it = |number| self.hosts.get(number).is_some_and(|host| host.address == address);
        if let Some(number) = self.by_host.find(key, is_it) {
            return Ok(number);
        }
        if self.hosts.is_full() {
            return Err(Reason::TableFull);
        }
        let number = self.hosts.insert(Host { address, sessions: 0 });
        self.by_host.insert(key, number);
        Ok(number)
    }

    pub(super) fn forget_idle_host(&mut self, number: u32) {
        let Some(host) = self.hosts.get(number).copied().filter(|host| host.sessions == 0) else { return };
        let (secret, hosts) = (self.secret, &self.hosts);
        let key = |address: Ipv4Addr| hash(secret, u32::from(address).into(), 0);
        self.by_host.remove(key(host.address), number, |other| hosts.get(other).map_or(0, |other| key(other.address)));
        self.hosts.remove(number);
    }

    /// Whether a mapping has a session with this address.
    pub(crate) fn has_spoken_to(&self, mapping: u32, address: Ipv4Addr) -> bool {
        self.permit(mapping, address).is_some()
    }

    fn permit(&self, mapping: u32, address: Ipv4Addr) -> Option<u32> {
        let is_it = |number| {
            self.permits.get(number).is_some_and(|permit| permit.mapping == mapping && permit.address == address)
        };
        self.by_permit.as_ref()?.find(hash(self.secret, mapping.into(), u32::from(address).into()), is_it)
    }

    pub(super) fn add_permit(&mut self, mapping: u32, address: Ipv4Addr) {
        if let Some(number) = self.permit(mapping, address) {
            if let Some(permit) = self.permits.get_mut(number) {
                permit.sessions += 1;
            }
        } else if let Some(index) = &mut self.by_permit {
            let number = self.permits.insert(Permit { mapping, address, sessions: 1 });
            index.insert(hash(self.secret, mapping.into(), u32::from(address).into()), number);
        }
    }

    pub(super) fn remove_permit(&mut self, mapping: u32, address: Ipv4Addr) {
        let Some(number) = self.permit(mapping, address) else { return };
        let Some(permit) = self.permits.get_mut(number) else { return };
        permit.sessions -= 1;
        if permit.sessions == 0
            && let Some(index) = &mut self.by_permit
        {
            let (secret, permits) = (self.secret, &self.permits);
            let hash_of = |other| {
                let key = |permit: &Permit| hash(secret, permit.mapping.into(), u32::from(permit.address).into());
                permits.get(other).map_or(0, key)
            };
            index.remove(hash(secret, mapping.into(), u32::from(address).into()), number, hash_of);
            self.permits.remove(number);
        }
    }
}
