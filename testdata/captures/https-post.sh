#!/usr/bin/env bash
# Makes https-post-{client,proxy,server}.pcapng: two POSTs over HTTPS, seen at three places in the same second, and a
# connection that comes to nothing.
#
#   testdata/captures/https-post.sh      # as root, on Linux
#
#   client ── switch ── router ── proxy ── server
#         ^                   ^         ^
#     …-client            …-proxy   …-server
#
# The client is curl, the router a Linux kernel whose nftables let port 443 pass and nothing else, the proxy nginx, which holds the
# certificate and speaks HTTP without TLS to the server, and the server is Python's http.server. All are in network namespaces that
# are gone afterwards. It needs curl, ethtool, iproute2, nftables, nginx, openssl, python3, tcpdump and tshark; Debian 12 has all.
# Keys, random numbers, dates and times differ in each run, and which side closes first; addresses, ports and what is said do not.
set -euo pipefail
cd "$(dirname "$0")"

here=$PWD
work=$(mktemp -d)
nodes=(client switch router proxy server)
cleanup() {
  for node in "${nodes[@]}"; do
    ip netns pids "post-$node" 2>/dev/null | xargs -r kill 2>/dev/null || true
    ip netns del "post-$node" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT

at() { # NODE COMMAND…
  local node=post-$1
  shift
  ip netns exec "$node" "$@"
}

for node in "${nodes[@]}"; do
  ip netns add "post-$node"
  # IPv4 only, so that nothing is said unasked; without timestamps, so that TCP headers are short.
  at "$node" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv4.tcp_timestamps=0
  ip -n "post-$node" link set lo up
done

cable() { # NODE INTERFACE MAC ADDRESS NODE INTERFACE MAC ADDRESS; `-` is none
  ip link add "$2" netns "post-$1" address "$3" type veth peer name "$6" netns "post-$5" address "$7"
  for end in "$1 $2 $4" "$5 $6 $8"; do
    read -r node interface address <<<"$end"
    [ "$address" = - ] || ip -n "post-$node" addr add "$address" dev "$interface"
    ip -n "post-$node" link set "$interface" up
    # Else packets leave without checksums, and segments longer than the link.
    at "$node" ethtool -K "$interface" tx off tso off gso off gro off >/dev/null 2>&1
  done
}

cable client lan 02:00:00:00:01:10 192.0.2.10/24 switch port1 02:00:00:00:5e:01 -
cable router lan 02:00:00:00:11:00 192.0.2.1/24 switch port2 02:00:00:00:5e:02 -
cable router dmz 02:00:00:00:11:01 198.51.100.1/24 proxy dmz 02:00:00:00:21:02 198.51.100.2/24
cable proxy shop 02:00:00:00:22:02 10.1.1.2/24 server shop 02:00:00:00:22:03 10.1.1.3/24
ip -n post-switch link add bridge type bridge
ip -n post-switch link set port1 master bridge
ip -n post-switch link set port2 master bridge
ip -n post-switch link set bridge up
ip -n post-client route add default via 192.0.2.1
ip -n post-proxy route add default via 198.51.100.1
at router sysctl -qw net.ipv4.ip_forward=1
at router nft 'add table ip f
  add chain ip f forward { type filter hook forward priority 0; policy drop; }
  add rule ip f forward iifname lan tcp dport 443 accept
  add rule ip f forward iifname dmz tcp sport 443 accept'

# An authority, an issuer below it, and the shop's certificate: the server sends the last two.
cd "$work"
subject() { openssl req -newkey rsa:2048 -noenc -subj "/CN=$2" -keyout "$1.key" "${@:3}" 2>/dev/null; }
subject root "First Hop Root" -x509 -days 3650 -out root.crt
issue() { # NAME ISSUER EXTENSION
  openssl x509 -req -days 3650 -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -out "$1.crt" \
    -extfile <(echo "$3") 2>/dev/null
}
subject issuer "First Hop Issuer" -out issuer.csr
issue issuer root basicConstraints=CA:true
subject shop shop.example.com -out shop.csr
issue shop issuer subjectAltName=DNS:shop.example.com
cat shop.crt issuer.crt >chain.crt

cat >nginx.conf <<CONF
worker_processes 1; pid $work/nginx.pid; error_log stderr error;
events {}
http {
  access_log off; server_tokens off;
  client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
  server {
    listen 198.51.100.2:443 ssl;
    server_name shop.example.com;
    ssl_certificate $work/chain.crt; ssl_certificate_key $work/shop.key; ssl_protocols TLSv1.3;
    location / {
      proxy_pass http://10.1.1.3:8080;
      proxy_http_version 1.1;
      proxy_set_header X-Forwarded-For \$remote_addr;
      proxy_set_header Host \$host;
    }
  }
}
CONF

cat >shop.py <<'PYTHON'
from http.server import BaseHTTPRequestHandler, HTTPServer

class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        order = self.rfile.read(int(self.headers["Content-Length"]))
        answer = b"ordered: " + order + b"\n"
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)

HTTPServer(("10.1.1.3", 8080), Shop).serve_forever()
PYTHON

at server python3 shop.py 2>/dev/null &
at proxy nginx -c "$work/nginx.conf" -e stderr -g 'daemon off;' &
recorders=()
record() { # NAME NODE INTERFACE
  at "$2" tcpdump --immediate-mode -q -U -i "$3" -w "$1.pcap" 2>/dev/null &
  recorders+=($!)
}
record client client lan
record proxy proxy dmz
record server server shop
sleep 2

# Both in one process, which keeps the TLS session; each in a connection of its own.
post() { # PORT ORDER
  words+=(-s --http1.1 --cacert root.crt --resolve shop.example.com:443:198.51.100.2 --local-port "$1" -A curl
    -b login=alice -d "$2" https://shop.example.com/orders)
}
words=()
post 50001 'item=7&count=1'
words+=(--next)
post 50002 'item=8&count=2'
at client curl --rate 2/s "${words[@]}"
# What the router does not let pass: one SYN, and no answer.
at client curl -s --connect-timeout 0.5 --local-port 50003 http://198.51.100.2/ || true

sleep 0.5
kill "${recorders[@]}"
wait "${recorders[@]}" || true
for place in client proxy server; do
  tshark -r "$place.pcap" -F pcapng -w "$here/https-post-$place.pcapng" 2>/dev/null
done
