#!/usr/bin/env bash
# Makes rsa.pcapng and ecdhe.pcapng, and server.key: the same server and the same client twice, by TLS 1.2, once with RSA key transport
# and once with ECDHE.
#
#   testdata/tls/make.sh      # as root, on Linux
#
# Both ends are OpenSSL, on the loopback of a network namespace that is gone afterwards. It needs iproute2, openssl, tcpdump, tshark
# and util-linux; Debian 12 has all. Keys, random numbers, ports of the client and times differ in each run.
set -euo pipefail
cd "$(dirname "$0")"
if [ -z "${IN_NAMESPACE:-}" ]; then
  IN_NAMESPACE=1 exec unshare --net "$PWD/make.sh"
fi

here=$PWD
work=$(mktemp -d)
cleanup() {
  jobs -p | xargs -r kill 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
ip link set lo up

cd "$work"
openssl req -x509 -newkey rsa:2048 -noenc -keyout key.pem -out server.pem -days 36500 -subj /CN=www.example.com \
  -addext subjectAltName=DNS:www.example.com 2>/dev/null
{
  echo "DEMO ONLY: whoever has this repository has this key."
  cat key.pem
} >"$here/server.key"

record() { # NAME CIPHER
  tcpdump --immediate-mode -q -U -i lo -w "$1.pcap" 2>/dev/null &
  local recorder=$!
  openssl s_server -quiet -accept 127.0.0.1:8443 -cert server.pem -key key.pem -tls1_2 -cipher "$2" -WWW -naccept 1 &
  local server=$!
  echo "the password is correct horse" >secret.txt
  sleep 1
  # Without tickets, so that nothing but the handshake is in it.
  { printf 'GET /secret.txt HTTP/1.0\r\n\r\n'; sleep 1; } |
    openssl s_client -quiet -connect 127.0.0.1:8443 -servername www.example.com -tls1_2 -cipher "$2" -no_ticket 2>/dev/null || true
  wait "$server" || true
  sleep 0.5
  kill "$recorder"
  wait "$recorder" || true
  tshark -r "$1.pcap" -F pcapng -w "$here/$1.pcapng" 2>/dev/null
}
record rsa AES128-GCM-SHA256
record ecdhe ECDHE-RSA-AES128-GCM-SHA256
