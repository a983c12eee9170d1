//! `tls-peek dh`: how two ends come to a secret that nobody on the path has, though all that they say passes there.
//!
//! First with numbers that fit on a page, and with somebody on the path who finds the secret, for there are few to try; then as TLS
//! does it, by X25519 (RFC 7748 section 5), where there are too many.
//!
//! ```console
//! $ tls-peek dh
//! $ tls-peek dh --prime 7919 --base 7 --secrets 1234,4321
//! ```

use crate::secrets::hex;
use cli::{Failure, NotANumber, Output, Verdict, style};
use x25519_dalek::{PublicKey, StaticSecret};

const NUMBERS: &str = "Small numbers";

/// The largest prime that is taken: somebody on the path still tries all in a moment.
const MOST_PRIME: u32 = 10_000_000;

const EXAMPLES: &str = "\
Examples:
  tls-peek dh
  tls-peek dh --prime 7919 --base 7 --secrets 1234,4321
";

const EXIT: &str = "\
Exit status: 0 both ends have the same secret, 2 it could not run.";

/// Agree on a secret in public: with small numbers, and as TLS does
#[derive(Debug, Clone, clap::Args)]
#[command(before_help = EXAMPLES, after_help = EXIT)]
pub(crate) struct Dh {
    /// The prime number modulo which all is computed
    #[arg(long, value_name = "P", help_heading = NUMBERS, default_value = "23", value_parser = cli::whole(5..=MOST_PRIME))]
    prime: u32,
    /// The number whose powers are sent
    #[arg(long, value_name = "G", help_heading = NUMBERS, default_value = "5", value_parser = cli::whole(2..=MOST_PRIME))]
    base: u32,
    /// What the client and the server choose
    #[arg(long, value_name = "A,B", help_heading = NUMBERS, default_value = "6,15", value_parser = two)]
    secrets: [u32; 2],
}

fn two(text: &str) -> Result<[u32; 2], NotANumber> {
    let numbers = text.split_once(',').and_then(|(one, other)| Some([one.parse().ok()?, other.parse().ok()?]));
    numbers.ok_or_else(|| NotANumber {
        sentence: format!("takes two whole numbers, and '{}' is not that", cli::escape(text)),
        hint: Some("one is the client's, the other the server's, as in 6,15".into()),
    })
}

/// Both ends with small numbers, and who is on the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "event", rename = "small")]
struct Small {
    prime: u32,
    base: u32,
    client_secret: u32,
    server_secret: u32,
    /// What travels.
    client_sends: u32,
    server_sends: u32,
    /// What each end makes of its own secret and what came.
    client_has: u32,
    server_has: u32,
    /// Which exponent somebody on the path found for what the client sent; so many were tried.
    found: u32,
    /// What that is good for.
    observer_has: u32,
}

impl Small {
    fn of(dh: &Dh) -> Self {
        let Dh { prime, base, secrets: [client, server] } = *dh;
        let [from_client, from_server] = [client, server].map(|secret| power(base, secret, prime));
        let found = logarithm(base, from_client, prime);
        Self {
            prime,
            base,
            client_secret: client,
            server_secret: server,
            client_sends: from_client,
            server_sends: from_server,
            client_has: power(from_server, client, prime),
            server_has: power(from_client, server, prime),
            found,
            observer_has: power(from_server, found, prime),
        }
    }
}

/// base^exponent mod modulus, a square for each bit of the exponent.
fn power(base: u32, exponent: u32, modulus: u32) -> u32 {
    let modulus = u64::from(modulus);
    let (mut square, mut product, mut rest) = (u64::from(base) % modulus, 1 % modulus, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            product = product * square % modulus;
        }
        square = square * square % modulus;
        rest >>= 1;
    }
    // Less than a modulus of 32 bits.
    u32::try_from(product).unwrap_or_default()
}

/// The first exponent from 1 on for which the power is `value`: by trying, as long as there is one.
fn logarithm(base: u32, value: u32, modulus: u32) -> u32 {
    let (base, modulus) = (u64::from(base), u64::from(modulus));
    let powers = std::iter::successors(Some(base % modulus), |power| Some(power * base % modulus));
    let exponents = (1..).zip(powers).take_while(|(exponent, _)| *exponent <= modulus);
    exponents
        .filter(|(_, power)| *power == u64::from(value))
        .map(|(exponent, _)| exponent)
        .next()
        .map_or(0, |it| u32::try_from(it).unwrap_or_default())
}

fn is_prime(number: u32) -> bool {
    number >= 2
        && (2..).take_while(|divisor| divisor * divisor <= number).all(|divisor| !number.is_multiple_of(divisor))
}

/// Both ends by X25519, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "event", rename = "x25519")]
struct Curve {
    client_private: String,
    server_private: String,
    client_sends: String,
    server_sends: String,
    client_has: String,
    server_has: String,
}

/// The private keys of RFC 7748 section 6.1, whose results stand there too. TLS draws new ones for each handshake.
const PRIVATE: [[u8; 32]; 2] = [
    [
        0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c,
        0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a,
    ],
    [
        0x5d, 0xab, 0x08, 0x7e, 0x62, 0x4a, 0x8a, 0x4b, 0x79, 0xe1, 0x7f, 0x8b, 0x83, 0x80, 0x0e, 0xe6, 0x6f, 0x3b,
        0xb1, 0x29, 0x26, 0x18, 0xb6, 0xfd, 0x1c, 0x2f, 0x8b, 0x27, 0xff, 0x88, 0xe0, 0xeb,
    ],
];

impl Curve {
    fn of(private: [[u8; 32]; 2]) -> Self {
        let [client, server] = private.map(StaticSecret::from);
        let [from_client, from_server] = [&client, &server].map(PublicKey::from);
        let [client_private, server_private] = private.map(|key| hex(&key));
        Self {
            client_private,
            server_private,
            client_sends: hex(from_client.as_bytes()),
            server_sends: hex(from_server.as_bytes()),
            client_has: hex(client.diffie_hellman(&from_server).as_bytes()),
            server_has: hex(server.diffie_hellman(&from_client).as_bytes()),
        }
    }
}

/// Runs `tls-peek dh`.
pub(crate) fn run(dh: &Dh, out: &mut Output) -> Result<Verdict, Failure> {
    let Dh { prime, base, secrets } = *dh;
    if out.explains() {
        return Err(Failure::said("dh has no packets to explain")
            .hint("`tls-peek --demo -e` shows the shares where they travel"));
    }
    let limits = Failure::said(format!("--base and --secrets are from 1 to {}, below the prime", prime - 1));
    if !is_prime(prime) {
        return Err(Failure::said(format!("--prime takes a prime number, and {prime} is none"))
            .hint("as in 23, 1009, 7919 or 999983"));
    }
    if base >= prime || secrets.iter().any(|secret| *secret == 0 || *secret >= prime) {
        return Err(limits.hint("larger ones say nothing more: powers repeat"));
    }
    let (small, curve) = (Small::of(dh), Curve::of(PRIVATE));
    if out.is_json() {
        out.json(&small)?;
        out.json(&curve)?;
        return Ok(Verdict::Yes);
    }
    out.line(&out.paint(style::TITLE, &format!("with small numbers: powers of {base}, modulo {prime}")))?;
    lines(&small).iter().try_for_each(|line| out.line(line))?;
    out.line("")?;
    out.line(&out.paint(style::TITLE, "by X25519, with the private keys of RFC 7748 section 6.1"))?;
    curve_lines(&curve).iter().try_for_each(|line| out.line(line))?;
    Ok(Verdict::Yes)
}

fn lines(small: &Small) -> Vec<String> {
    let Small { prime, base, client_secret, server_secret, client_sends, server_sends, .. } = *small;
    let Small { client_has, server_has, found, observer_has, .. } = *small;
    let row = |what: &str, client: &str, path: &str, server: &str| {
        format!("  {what:<10} {client:<26} {path:<22} {server}").trim_end().to_string()
    };
    let text = |number: u32| number.to_string();
    let tries = if found == 1 { "the first try finds it".into() } else { format!("after {found} tries") };
    vec![
        row("", "client", "on the path", "server"),
        row("chooses", &text(client_secret), "", &text(server_secret)),
        row(
            "computes",
            &format!("{base}^{client_secret} mod {prime} = {client_sends}"),
            "",
            &format!("{base}^{server_secret} mod {prime} = {server_sends}"),
        ),
        row("sends", &text(client_sends), &format!("{client_sends} and {server_sends}"), &text(server_sends)),
        row(
            "computes",
            &format!("{server_sends}^{client_secret} mod {prime} = {client_has}"),
            "",
            &format!("{client_sends}^{server_secret} mod {prime} = {server_has}"),
        ),
        row("has", &text(client_has), "not that, but:", &text(server_has)),
        String::new(),
        format!(
            "  {base}^1, {base}^2, {base}^3 ... mod {prime}, until it is {client_sends}: {tries} of at most {}",
            prime - 1
        ),
        format!("  {server_sends}^{found} mod {prime} = {observer_has}: the secret, without having been told"),
        "  Each bit more of the prime doubles the tries; the ends have one square and one product more to do.".into(),
        "  Nobody has shown who he is: who stands between can agree with each end on a secret of his own.".into(),
        "  That is what certificate and signature are for (Certificate, CertificateVerify).".into(),
    ]
}

fn curve_lines(curve: &Curve) -> Vec<String> {
    let row = |who: &str, what: &str, bytes: &str| format!("  {who:<11} {what:<12} {bytes}");
    vec![
        row("client", "chooses", &curve.client_private),
        row("", "sends", &curve.client_sends),
        row("server", "chooses", &curve.server_private),
        row("", "sends", &curve.server_sends),
        row("client", "has", &curve.client_has),
        row("server", "has", &curve.server_has),
        row("on the path", "has", "what both send, 32 bytes each, and that is all"),
        String::new(),
        "  The best way that is known from there to the secret takes about 2^126 steps: with 10^12 of them a second,"
            .into(),
        "  more than 10^18 years.".into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_and_who_tries_come_to_the_same_number() {
        let small = |prime, base, secrets| Small::of(&Dh { prime, base, secrets });
        let known = small(23, 5, [6, 15]);
        assert_eq!((known.client_sends, known.server_sends, known.client_has, known.found), (8, 19, 2, 6));
        for secrets in [[1, 1], [7918, 7917], [1234, 4321], [2, 6000]] {
            // 4 is a square, and its powers are half of all numbers: another exponent is found, and the same secret.
            for base in [7, 4] {
                let it = small(7919, base, secrets);
                assert_eq!([it.client_has, it.server_has], [it.observer_has; 2], "{it:?}");
            }
        }
        assert_eq!(power(3, 9_999_990, 9_999_991), 1, "as Fermat says of a prime");
    }

    #[test]
    fn shared_secret_is_that_of_rfc_7748_section_6_1() {
        let curve = Curve::of(PRIVATE);
        assert_eq!(curve.client_sends, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        assert_eq!(curve.server_sends, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
        assert_eq!(curve.client_has, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assert_eq!(curve.server_has, curve.client_has);
    }

    #[test]
    fn primes_are_known() {
        let primes: Vec<u32> = (0..30).filter(|number| is_prime(*number)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
    }
}
