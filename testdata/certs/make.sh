#!/usr/bin/env bash
# Makes the certificates of the simulated network anew, with OpenSSL 3. DEMO ONLY: the keys are public.
#
# Ed25519 (RFC 8032), since its signatures have no chance in them: the same handshake has the same bytes. The machines of a simulated
# network begin on 1 January 2026.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
note='DEMO ONLY: made for the simulated network of First Hop. The key is public, so trust nothing that it signs.'

# key NAME
key() { { echo "$note"; openssl genpkey -algorithm ed25519; } > "$1.key"; }

# sign NAME ISSUER 'subjectAltName' NOT_BEFORE NOT_AFTER
sign() {
  mkdir "$work/$1"; : > "$work/$1/index"
  cat > "$work/$1/conf" <<CONF
[ca]
default_ca = it
[it]
database = $work/$1/index
new_certs_dir = $work/$1
default_md = default
policy = any
rand_serial = yes
unique_subject = no
[any]
commonName = supplied
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $3
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
CONF
  local by=(-cert "$2.pem" -keyfile "$2.key") extensions=leaf
  if [ "$1" = "$2" ]; then by=(-selfsign -keyfile "$1.key"); extensions=root; fi
  openssl req -new -key "$1.key" -subj "/CN=$6" -out "$work/$1/request"
  openssl ca -batch -notext -config "$work/$1/conf" -extensions "$extensions" "${by[@]}" -startdate "$4" -enddate "$5" \
    -in "$work/$1/request" -out "$work/$1/certificate" 2> "$work/log" || { cat "$work/log"; exit 1; }
  { echo "$note"; cat "$work/$1/certificate"; } > "$1.pem"
}

from=20250101000000Z until=21250101000000Z
web='DNS:www.example.com, DNS:example.com, DNS:shop.example.com, DNS:www.example.org, IP:203.0.113.10'
for name in ca stranger-ca resolver web expired stranger; do key $name; done
sign ca ca - $from $until 'First Hop demo CA'
sign stranger-ca stranger-ca - $from $until 'A CA that nobody trusts'
sign resolver ca 'DNS:resolver, DNS:dns.example.com, IP:192.0.2.53' $from $until 'First Hop demo resolver'
sign web ca "$web" $from $until 'First Hop demo web server'
sign expired ca "$web, DNS:resolver, IP:192.0.2.53" 20240101000000Z 20250101000000Z 'First Hop demo, expired'
sign stranger stranger-ca "$web, DNS:resolver, IP:192.0.2.53" $from $until 'First Hop demo, of an unknown CA'
rm stranger-ca.key
