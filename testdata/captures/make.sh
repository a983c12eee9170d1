#!/usr/bin/env bash
# Makes the captures of this directory: stock programs on a Linux kernel, in network namespaces that are gone afterwards.
#
#   testdata/captures/make.sh            # all of them, as root
#
# It needs iproute2, ethtool, nftables, netcat-openbsd, iputils-ping, tcpdump and tshark. Times and ports differ in each run.
set -euo pipefail
cd "$(dirname "$0")"

made=()
cleanup() { for node in "${made[@]}"; do ip netns del "$node" 2>/dev/null || true; done; }
trap cleanup EXIT

at() { # NODE COMMAND…
  local node=fh-$1
  shift
  ip netns exec "$node" "$@"
}

node() { # NODE, which speaks IPv4 only, so that it says nothing unasked
  ip netns add "fh-$1"
  made+=("fh-$1")
  at "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv4.tcp_timestamps=0
  ip -n "fh-$1" link set lo up
}

link() { # NAME MTU NODE MAC ADDRESS NODE MAC ADDRESS
  ip link add "$1" netns "fh-$3" address "$4" mtu "$2" type veth peer name "$1" netns "fh-$6" address "$7" mtu "$2"
  for end in "$3 $5" "$6 $8"; do
    read -r node address <<<"$end"
    ip -n "fh-$node" addr add "$address" dev "$1"
    ip -n "fh-$node" link set "$1" up
    # Else packets leave without checksums, and segments longer than the link.
    at "$node" ethtool -K "$1" tx off tso off gso off gro off >/dev/null 2>&1
  done
}

listen() { # NODE WORDS OF nc, until the namespace is gone
  at "$@" </dev/null >/dev/null 2>&1 &
  disown
}

record() { # FILE NODE INTERFACE: from now on, until `finish`
  at "$2" tcpdump --immediate-mode -q -U -i "$3" -w "$1.pcap" 2>/dev/null &
  recorder=$!
  sleep 1
}

finish() { # FILE
  sleep 0.5
  kill "$recorder"
  wait "$recorder" || true
  tshark -r "$1.pcap" -F pcapng -w "$1.pcapng" 2>/dev/null
  # One line a packet, as tcpdump tells it; the window, numbers of TCP options and ARP's own lengths say nothing here.
  tcpdump -nn -ttttt -r "$1.pcap" 2>/dev/null |
    sed -E 's/^ *00:00:0//; s/ IP / /; s/, win [0-9]+//; s/, options \[(mss [0-9]+)?[^]]*\]/, \1/; s/, ,/,/g; s/(ply|quest|[0-9a-f]), length [0-9]+$/\1/' >"$1.txt"
  rm "$1.pcap"
}

# The first bytes between two hosts that never met: host2 of the network `lan` asks host5 for a page.
first_request() {
  node host2
  node host5
  link lan 1500 host2 02:00:00:00:00:aa 10.0.0.2/24 host5 02:00:00:00:00:dd 10.0.0.5/24
  listen host5 nc -l 80
  sleep 0.5
  record first-request host2 lan
  printf 'GET / HTTP/1.0\r\n\r\n' | timeout 1 ip netns exec fh-host2 nc -n 10.0.0.5 80 || true
  finish first-request
  cleanup
}

# What answers for a port: TCP and UDP, open and closed; and ping, which asks for none.
closed_ports() {
  node client
  node server
  link wire 1500 client 02:00:00:00:01:01 192.0.2.1/24 server 02:00:00:00:02:03 192.0.2.3/24
  listen server nc -l -k 80
  listen server nc -u -l 9000
  sleep 0.5
  record closed-ports client wire
  at client ping -q -c 1 192.0.2.3 >/dev/null
  at client nc -n -z 192.0.2.3 80
  at client nc -n -z 192.0.2.3 81 || true
  echo question | at client nc -n -u -w 1 192.0.2.3 9000
  echo question | at client nc -n -u -w 1 192.0.2.3 9001 || true
  finish closed-ports
  cleanup
}

# The built-in network `mtu-blackhole` on a kernel: routers that do not say why a packet is gone.
blackhole() {
  for node in client r1 r2 r3 server; do node "$node"; done
  link net0 1500 client 02:00:00:00:01:02 10.1.0.2/24 r1 02:00:00:00:11:00 10.1.0.1/24
  link net1 1400 r1 02:00:00:00:11:01 10.1.1.1/24 r2 02:00:00:00:12:00 10.1.1.2/24
  link net2 1280 r2 02:00:00:00:12:01 10.1.2.1/24 r3 02:00:00:00:13:00 10.1.2.2/24
  link net3 1500 r3 02:00:00:00:13:01 10.1.3.1/24 server 02:00:00:00:03:02 10.1.3.2/24
  ip -n fh-client route add default via 10.1.0.1
  ip -n fh-r1 route add default via 10.1.1.2
  ip -n fh-r2 route add 10.1.0.0/24 via 10.1.1.1
  ip -n fh-r2 route add 10.1.3.0/24 via 10.1.2.2
  ip -n fh-r3 route add 10.1.0.0/23 via 10.1.2.1
  ip -n fh-server route add default via 10.1.3.1
  for router in r1 r2 r3; do at "$router" sysctl -qw net.ipv4.ip_forward=1; done
  for router in r1 r2; do
    at "$router" nft 'add table ip f; add chain ip f out { type filter hook output priority 0; }; add rule ip f out icmp type destination-unreachable icmp code 4 drop'
  done
  listen server nc -l 9
  at client ping -q -c 1 10.1.3.2 >/dev/null # so that the capture begins with the connection
  record blackhole client net0
  head -c 3000 /dev/zero | tr '\0' x | timeout 4 ip netns exec fh-client nc -n 10.1.3.2 9 || true
  finish blackhole
  cleanup
}

first_request
closed_ports
blackhole
