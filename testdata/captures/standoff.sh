#!/usr/bin/env bash
# Makes standoff.pcapng: four requests over one TCP connection, seen by the host that sends them. Each of the first three is written in
# two pieces, 500 bytes and then 960, the fourth in one piece of 5000.
#
#   testdata/captures/standoff.sh        # as root, on Linux
#
# Both ends are Python programs that ask for no socket option, so what is seen is what the kernel does unasked. They are in two
# network namespaces that are gone afterwards. It needs ethtool, iproute2, python3, tcpdump and tshark; Debian 12 has all. Times and
# the client's port differ in each run; what waits for what does not.
set -euo pipefail
cd "$(dirname "$0")"

nodes=(a b)
cleanup() {
  for node in "${nodes[@]}"; do
    ip netns pids "standoff-$node" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "standoff-$node" 2>/dev/null || true
  done
}
trap cleanup EXIT

at() { # NODE COMMAND…
  local node=standoff-$1
  shift
  ip netns exec "$node" "$@"
}

for node in "${nodes[@]}"; do
  ip netns add "standoff-$node"
  # IPv4 only, so that nothing is said unasked; without timestamps, so that 1460 bytes are a full segment.
  at "$node" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv4.tcp_timestamps=0
done
ip link add wire netns standoff-a address 02:00:00:00:00:01 type veth peer name wire netns standoff-b address 02:00:00:00:00:02
ip -n standoff-a addr add 10.0.0.1/24 dev wire
ip -n standoff-b addr add 10.0.0.2/24 dev wire
for node in "${nodes[@]}"; do
  ip -n "standoff-$node" link set wire up
  # Else packets leave without checksums, and segments longer than the link.
  at "$node" ethtool -K wire tx off tso off gso off gro off >/dev/null 2>&1
done

# Reads a whole request before it answers.
at b python3 - <<'SERVER' &
import socket

connection, _ = socket.create_server(("10.0.0.2", 7)).accept()
for size in (1460, 1460, 1460, 5000):
    request = b""
    while len(request) < size:
        request += connection.recv(65536)
    connection.sendall(request)
connection.recv(1)
SERVER
sleep 0.5

at a tcpdump --immediate-mode -q -U -i wire -w standoff.pcap 2>/dev/null &
recorder=$!
sleep 1
at a python3 - <<'CLIENT'
import socket
import time

connection = socket.create_connection(("10.0.0.2", 7))
for writes in ((500, 960), (500, 960), (500, 960), (5000,)):
    begun = time.monotonic()
    for size in writes:
        connection.sendall(b"x" * size)
    missing = sum(writes)
    while missing:
        missing -= len(connection.recv(65536))
    print(f"{writes}: {1000 * (time.monotonic() - begun):.1f} ms")
    time.sleep(0.1)
connection.close()
CLIENT
sleep 0.5
kill "$recorder"
wait "$recorder" || true
tshark -r standoff.pcap -F pcapng -w standoff.pcapng 2>/dev/null
rm standoff.pcap
