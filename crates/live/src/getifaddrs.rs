//! The interfaces of this machine and their addresses, where there is no rtnetlink.

use host::{Interface, Mac, Result};

/// All interfaces, in the system's order.
///
/// getifaddrs(3) does not tell the MTU on all systems; it is given as Ethernet's.
///
/// # Errors
/// None.
#[expect(clippy::unnecessary_wraps, reason = "as on Linux, where the kernel may refuse")]
pub(crate) fn list() -> Result<Vec<Interface>> {
    const ETHERNET_MTU: u32 = 1500;
    let interface = |found: pnet_datalink::NetworkInterface| Interface {
        mac: found.mac.filter(|_| !found.is_loopback()).map(|mac| Mac(mac.octets())),
        addresses: found.ips.iter().map(|network| (network.ip(), network.prefix())).collect(),
        mtu: ETHERNET_MTU,
        up: found.is_up() && found.is_running(),
        name: found.name,
    };
    Ok(pnet_datalink::interfaces().into_iter().map(interface).collect())
}
