#!/usr/bin/env bash
# Makes http.pcapng and ssh.pcapng: curl at Python's http.server, on one connection, and then ssh at sshd, up to where all is sealed.
#
#   testdata/captures/http-and-ssh.sh     # as root, on Linux
#
#   client 192.0.2.1 ── 192.0.2.2 server
#
# Both are in network namespaces that are gone afterwards; the server's keys are made for this and thrown away. It needs curl,
# ethtool, iproute2, openssh-client, openssh-server, python3 and tcpdump; Debian 12 has all. SSHD says where sshd is, if it is not
# installed. Times, random numbers, keys and the client's ports differ in each run.
set -euo pipefail
cd "$(dirname "$0")"

here=$PWD
work=$(mktemp -d)
sshd=${SSHD:-/usr/sbin/sshd}
cleanup() {
  for node in client server; do
    ip netns pids "hs-$node" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "hs-$node" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT

at() { # NODE COMMAND…
  local node=hs-$1
  shift
  ip netns exec "$node" "$@"
}

for node in client server; do
  ip netns add "hs-$node"
  at "$node" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv4.tcp_timestamps=0
  ip -n "hs-$node" link set lo up
done
ip link add wire netns hs-client address 02:00:00:00:15:01 type veth peer name wire netns hs-server address 02:00:00:00:15:02
ip -n hs-client addr add 192.0.2.1/24 dev wire
ip -n hs-server addr add 192.0.2.2/24 dev wire
for node in client server; do
  ip -n "hs-$node" link set wire up
  at "$node" ethtool -K wire tx off tso off gso off gro off >/dev/null 2>&1
done

record() { # PORT
  at client tcpdump -qUi wire -w "$work/raw" --immediate-mode "tcp port $1" 2>/dev/null &
  recorder=$!
  sleep 1
}

finish() { # FILE
  sleep 0.5
  kill "$recorder"
  wait "$recorder" 2>/dev/null || true
  tshark -r "$work/raw" -F pcapng -w "$here/$1.pcapng" 2>/dev/null
}

# Pages in one piece and in chunks, one that is not there, and a form: HTTP/1.1 in Python's own server.
cat >"$work/server.py" <<'PYTHON'
from http.server import BaseHTTPRequestHandler, HTTPServer

class Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        if self.path == "/missing":
            return self.answer(404, b"nothing is here\n")
        if self.path != "/chunks":
            return self.answer(200, b"hello from python\n")
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"6\r\nhello \r\n7\r\nagain.\n\r\n0\r\n\r\n")

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.answer(200, b"took %d bytes\n" % len(self.rfile.read(length)))

    def log_message(self, *_):
        pass

HTTPServer(("192.0.2.2", 80), Pages).serve_forever()
PYTHON
at server python3 "$work/server.py" &
sleep 1
record 80
at client curl -sS -o /dev/null http://192.0.2.2/ --next -sS -o /dev/null http://192.0.2.2/chunks \
  --next -sS -o /dev/null http://192.0.2.2/missing --next -sS -o /dev/null -d name=me http://192.0.2.2/form
finish http

# One key exchange; nobody is let in, which is after all is sealed.
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
mkdir -p /run/sshd
at server "$sshd" -D -h "$work/host" -o ListenAddress=192.0.2.2 -o UsePAM=no -o AuthorizedKeysFile=none -f /dev/null &
sleep 1
record 22
at client ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null nobody@192.0.2.2 true \
  2>/dev/null || true
finish ssh
