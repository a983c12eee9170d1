//! Secrets of connections, as TLS libraries tell them to who may know, and as Wireshark reads them.
//!
//! A line is a label, the random of the `ClientHello` (which connection), and the secret, in hexadecimal: RFC 9850 section 2.

use rustls::KeyLog;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// The secret of the client's early data.
pub const EARLY: &str = "CLIENT_EARLY_TRAFFIC_SECRET";
/// TLS 1.2: the master secret, from which all keys of a connection come.
pub const MASTER: &str = "CLIENT_RANDOM";

/// Secrets by the random of the `ClientHello` and by their labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeMap<Vec<u8>, BTreeMap<String, Vec<u8>>>);

impl Secrets {
    /// Adds one.
    pub fn add(&mut self, label: &str, client_random: &[u8], secret: &[u8]) {
        self.0.entry(client_random.to_vec()).or_default().insert(label.to_string(), secret.to_vec());
    }

    /// One of a connection.
    #[must_use]
    pub fn get(&self, label: &str, client_random: &[u8]) -> Option<&[u8]> {
        self.0.get(client_random)?.get(label).map(Vec::as_slice)
    }

    /// Adds those of another.
    pub fn extend(&mut self, other: Self) {
        for (random, secrets) in other.0 {
            self.0.entry(random).or_default().extend(secrets);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The lines of a key log. Lines that are none are left out, as RFC 9850 section 2 wants comments and what is not known left.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut secrets = Self::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            if let [label, random, secret] = words[..]
                && let (Some(random), Some(secret)) = (unhex(random), unhex(secret))
            {
                secrets.add(label, &random, &secret);
            }
        }
        secrets
    }

    /// As a key log.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (random, secrets) in &self.0 {
            for (label, secret) in secrets {
                // Writing to a string does not fail.
                let _ = writeln!(text, "{label} {} {}", hex(random), hex(secret));
            }
        }
        text
    }
}

/// Where a TLS library tells its secrets.
#[derive(Debug, Default)]
pub struct Collector(Mutex<Secrets>);

impl Collector {
    /// What was told so far.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was told since it was last taken.
    #[must_use]
    pub fn take(&self) -> Secrets {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl KeyLog for Collector {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(label, client_random, secret);
    }
}

/// In hexadecimal, without blanks.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of a text in hexadecimal.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| digit.try_into().ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_log_is_read_as_it_is_written() {
        let text =
            "# a comment\nCLIENT_RANDOM 0102 a0ff\nno line\nEXPORTER_SECRET 0102 0G\nSERVER_TRAFFIC_SECRET_0 0102 07\n";
        let secrets = Secrets::read(text);
        assert_eq!((secrets.len(), secrets.get(MASTER, &[1, 2])), (2, Some(&[0xa0, 0xff][..])));
        assert_eq!(Secrets::read(&secrets.text()), secrets);
    }
}
