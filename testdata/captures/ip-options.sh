#!/usr/bin/env bash
# Makes ip-options.pcapng: IP headers with options, which few programs send, in the built-in network `subnets` on a Linux kernel.
#
#   testdata/captures/ip-options.sh      # as root, on Linux
#
# host3 pings `far` once as usual, once with the option "record route" and once with "timestamp". All are network namespaces that
# are gone afterwards. It needs ethtool, iproute2, iputils-ping, tcpdump and tshark; Debian 12 has all. Times differ in each run.
set -euo pipefail
cd "$(dirname "$0")"

here=$PWD
work=$(mktemp -d)
nodes=(host3 gw far)
cleanup() {
  for node in "${nodes[@]}"; do ip netns del "options-$node" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

for node in "${nodes[@]}"; do
  ip netns add "options-$node"
  ip netns exec "options-$node" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
done

cable() { # INTERFACE NODE MAC ADDRESS NODE MAC ADDRESS
  ip link add "$1" netns "options-$2" address "$3" type veth peer name "$1" netns "options-$5" address "$6"
  for end in "$2 $4" "$5 $7"; do
    read -r node address <<<"$end"
    ip -n "options-$node" addr add "$address" dev "$1"
    ip -n "options-$node" link set "$1" up
    ip netns exec "options-$node" ethtool -K "$1" tx off >/dev/null 2>&1
  done
}

cable lan1 host3 02:00:00:00:01:03 192.168.1.3/24 gw 02:00:00:00:64:01 192.168.1.100/24
cable lan2 gw 02:00:00:00:64:02 192.168.2.100/24 far 02:00:00:00:02:02 192.168.2.2/24
ip -n options-host3 route add default via 192.168.1.100
ip -n options-far route add default via 192.168.2.100
ip netns exec options-gw sysctl -qw net.ipv4.ip_forward=1

ping() { ip netns exec options-host3 ping -n -c 1 "$@" 192.168.2.2; }
ping >/dev/null # so that the capture begins behind ARP
ip netns exec options-host3 tcpdump --immediate-mode -q -U -i lan1 -w "$work/options.pcap" 2>/dev/null &
recorder=$!
sleep 1
ping
ping -R
ping -T tsandaddr
sleep 0.5
kill "$recorder"
wait "$recorder" || true
tshark -r "$work/options.pcap" -F pcapng -w "$here/ip-options.pcapng" 2>/dev/null
