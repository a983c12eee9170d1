#!/usr/bin/env bash
# Makes fast-open.pcapng: four requests over four TCP connections, seen by the host that sends them. Each asks for Fast Open (RFC 7413).
# The first gets a cookie, the second and the third send their 100 bytes in the SYN; before the fourth, the server's system is told
# not to do that any more.
#
#   testdata/captures/fast-open.sh        # as root, on Linux
#
# Both ends are Python programs in two network namespaces that are gone afterwards. It needs ethtool, iproute2, python3, tcpdump and
# tshark; Debian 12 has all. Times, ports and the cookie differ in each run; what travels in which segment does not.
set -euo pipefail
cd "$(dirname "$0")"

nodes=(a b)
cleanup() {
  for node in "${nodes[@]}"; do
    ip netns pids "fast-open-$node" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "fast-open-$node" 2>/dev/null || true
  done
}
trap cleanup EXIT

at() { # NODE COMMAND…
  local node=fast-open-$1
  shift
  ip netns exec "$node" "$@"
}

for node in "${nodes[@]}"; do
  ip netns add "fast-open-$node"
  # IPv4 only, so that nothing is said unasked; without timestamps, so that lines are short.
  at "$node" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv4.tcp_timestamps=0
done
# Bit 0 is the client's and set by default, bit 1 is the server's.
at a sysctl -qw net.ipv4.tcp_fastopen=1
at b sysctl -qw net.ipv4.tcp_fastopen=2
ip link add wire netns fast-open-a address 02:00:00:00:00:01 type veth peer name wire netns fast-open-b address 02:00:00:00:00:02
ip -n fast-open-a addr add 10.0.0.1/24 dev wire
ip -n fast-open-b addr add 10.0.0.2/24 dev wire
for node in "${nodes[@]}"; do
  ip -n "fast-open-$node" link set wire up
  # Else packets leave without checksums.
  at "$node" ethtool -K wire tx off tso off gso off gro off >/dev/null 2>&1
done

at b python3 - <<'SERVER' &
import socket

listener = socket.socket()
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16)
listener.bind(("10.0.0.2", 7))
listener.listen()
while True:
    connection, _ = listener.accept()
    connection.sendall(connection.recv(65536))
    connection.recv(1)
    connection.close()
SERVER
sleep 0.5

at a tcpdump --immediate-mode -q -U -i wire -w fast-open.pcap 2>/dev/null &
recorder=$!
sleep 1
request() {
  at a python3 - <<'CLIENT'
import socket

connection = socket.socket()
connection.sendto(b"x" * 100, socket.MSG_FASTOPEN, ("10.0.0.2", 7))
missing = 100
while missing:
    missing -= len(connection.recv(65536))
# TCP_INFO has a bit for it: TCPI_OPT_SYN_DATA.
options = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[5]
print("the SYN's data were acknowledged with it:", bool(options & 32))
connection.close()
CLIENT
  sleep 0.1
}
request
request
request
at b sysctl -qw net.ipv4.tcp_fastopen=1
request
at a nstat -asz TcpExtTCPFastOpenActive TcpExtTCPFastOpenActiveFail
at b nstat -asz TcpExtTCPFastOpenPassive TcpExtTCPFastOpenCookieReqd
sleep 0.3
kill "$recorder"
wait "$recorder" || true
tshark -r fast-open.pcap -F pcapng -w fast-open.pcapng 2>/dev/null
rm fast-open.pcap
