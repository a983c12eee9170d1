#!/usr/bin/env bash
# Makes dhcp.pcapng: a host without an address gets one, as a line of the built-in network `subnets` has it, and uses it.
#
#   testdata/captures/dhcp.sh            # as root, on Linux
#
# The host is busybox udhcpc, its gateway busybox udhcpd, in two network namespaces that are gone afterwards. It needs busybox,
# ethtool, iproute2, iputils-ping, tcpdump and tshark; Debian 12 has all. Times and the transaction's number differ in each run.
set -euo pipefail
cd "$(dirname "$0")"

here=$PWD
work=$(mktemp -d)
cleanup() {
  for node in host3 gw; do
    ip netns pids "dhcp-$node" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "dhcp-$node" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT

for node in host3 gw; do
  ip netns add "dhcp-$node"
  ip netns exec "dhcp-$node" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done
ip link add lan1 netns dhcp-host3 address 02:00:00:00:01:03 type veth peer name lan1 netns dhcp-gw address 02:00:00:00:64:01
for node in host3 gw; do
  ip -n "dhcp-$node" link set lan1 up
  # Else packets leave without checksums.
  ip netns exec "dhcp-$node" ethtool -K lan1 tx off >/dev/null 2>&1
done
ip -n dhcp-gw addr add 192.168.1.100/24 dev lan1

cd "$work"
touch leases
cat >udhcpd.conf <<CONF
interface lan1
start 192.168.1.3
end 192.168.1.99
lease_file $work/leases
pidfile $work/udhcpd.pid
static_lease 02:00:00:00:01:03 192.168.1.3
option subnet 255.255.255.0
option router 192.168.1.100
option dns 192.168.1.100
option lease 86400
CONF

# What udhcpc calls when it has an address: here are its mask and its gateway used, as a system's own script does.
cat >bound.sh <<'SCRIPT'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route add default via "$router"
SCRIPT
chmod +x bound.sh

ip netns exec dhcp-gw busybox udhcpd -f udhcpd.conf 2>/dev/null &
ip netns exec dhcp-host3 tcpdump --immediate-mode -q -U -i lan1 -w dhcp.pcap 2>/dev/null &
recorder=$!
sleep 1
ip netns exec dhcp-host3 busybox udhcpc -i lan1 -q -f -n -s "$work/bound.sh" 2>/dev/null
ip netns exec dhcp-host3 ip -brief addr show dev lan1
ip netns exec dhcp-host3 ip route
ip netns exec dhcp-host3 ping -q -c 1 192.168.2.2 >/dev/null 2>&1 || true # somebody beyond the gateway, who is not there
sleep 0.5
kill "$recorder"
wait "$recorder" || true
tshark -r dhcp.pcap -F pcapng -w "$here/dhcp.pcapng" 2>/dev/null
