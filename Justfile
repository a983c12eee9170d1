# Recipes for people; `just` alone lists them. Every recipe is a plain command that works without `just` too.

set positional-arguments := true

# On Linux a tool that holds its C library starts a millisecond sooner, and runs on machines that have another one.
standalone := if os() == "linux" { "-C target-feature=+crt-static" } else { "" }

# List the recipes.
default:
    @just --list --unsorted

# Ping a host, as in: just myping --net routers 192.168.10.3
myping *ARGS:
    @cargo run --quiet --bin myping -- "$@"

# Ask who has an address, as in: just arping --net lan 10.0.0.5
arping *ARGS:
    @cargo run --quiet --bin arping -- "$@"

# Show the routers on the way to a host, as in: just mytraceroute --net routers server
mytraceroute *ARGS:
    @cargo run --quiet --bin mytraceroute -- "$@"

# Ask the name system, as in: just mini-dig --net names www.example.com +trace
mini-dig *ARGS:
    @cargo run --quiet --bin mini-dig -- "$@"

# Watch a network address translator at work, as in: just nat-box watch --net nat --also 'host2: myping -c 1 host'
nat-box *ARGS:
    @cargo run --quiet --bin nat-box -- "$@"

# Open a TLS handshake that you just made, as in: just tls-peek --demo
tls-peek *ARGS:
    @cargo run --quiet --bin tls-peek -- "$@"

# Send datagrams to be echoed, or echo those of others, as in: just udp-echo send --net transport b:53
udp-echo *ARGS:
    @cargo run --quiet --bin udp-echo -- "$@"

# Open TCP connections to an echo, or be one, and see why bytes wait, as in: just tcp-echo send --net transport b:22
tcp-echo *ARGS:
    @cargo run --quiet --bin tcp-echo -- "$@"

# Take the packets of a capture apart, as in: just peel ping.pcapng 3
peel *ARGS:
    @cargo run --quiet --bin peel -- "$@"

# The labs, as in: just lab check 03
lab *ARGS:
    @cargo run --quiet --bin lab -- "$@"

# Run all tests. Those that need a thing that is not here are listed as ignored, with what they need.
test *ARGS:
    cargo test "$@"

# Build the book and check its links; the first build takes a minute.
book:
    @cargo book

# Build the tools to be carried away: on Linux each is one file in target/release that needs nothing of the system.
release:
    for tool in arping lab mini-dig mytraceroute myping nat-box peel tcp-echo tls-peek udp-echo; do \
        cargo rustc --quiet --release --package $tool --bin $tool -- {{ standalone }} || exit 1; \
    done

# Measure against the peers, and write docs/bench.md.
bench *ARGS: release
    cargo run --quiet --release --package bench -- "$@"

# Rewrite snapshots, generated figures and the transcripts of the book from what the tools print now; then look at `git diff`.
bless:
    BLESS=1 INSTA_UPDATE=always INSTA_FORCE_PASS=1 cargo test --workspace --exclude book-builder --exclude 'lab-*'
    BLESS=1 cargo run --quiet --bin lab -- prove
    git --no-pager diff --stat

# Which small changes to a lab's solution no check notices, as in: just mutants 03
mutants *LABS:
    cargo run --quiet --bin lab -- mutants "$@"

# Give a tool the permission for raw sockets on the live network (Linux), as in: just setcap myping
setcap TOOL:
    cargo build --release --package "{{ TOOL }}"
    $(test "$(id -u)" = 0 || echo sudo) setcap cap_net_raw+ep "target/release/{{ TOOL }}"
    @echo "target/release/{{ TOOL }} may open raw sockets until it is built anew"

# What CI checks.
ci:
    .ci/run
