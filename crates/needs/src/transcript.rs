//! Transcripts of two programs, compared line by line.

use crate::Failed;

/// Lines with the numbers that are times taken out: `time=0.045 ms`, `0.530ms`, `time 203ms`, `= 0.4/0.5/0.6/0.1 ms` all become `T`.
#[must_use]
pub fn untimed(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect()
}

fn word(word: &str) -> &str {
    let is_number = |text: &str| text.parse::<f64>().is_ok();
    if word.strip_prefix("time=").is_some_and(is_number) {
        "time=T"
    } else if word.strip_suffix("ms").is_some_and(is_number) || word.contains('/') && word.split('/').all(is_number) {
        "T"
    } else {
        word
    }
}

/// Compares lines.
///
/// # Errors
/// Both sides, when they differ.
pub fn equal(is: &[impl AsRef<str>], expected: &[impl AsRef<str>]) -> Result<(), Failed> {
    let is: Vec<&str> = is.iter().map(AsRef::as_ref).collect();
    let expected: Vec<&str> = expected.iter().map(AsRef::as_ref).collect();
    if is == expected {
        return Ok(());
    }
    let [is, expected] = [is, expected].map(|lines| lines.join("\n  "));
    Err(format!("these lines came:\n  {is}\nthese were expected:\n  {expected}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_out_and_addresses_stay() {
        let lines = untimed(
            "64 bytes from 10.77.1.2: icmp_seq=1 ttl=64 time=0.178 ms\n\
             2 packets transmitted, 2 received, 0% packet loss, time 203ms\n\
             rtt min/avg/max/mdev = 0.008/0.009/0.057/0.004 ms, ipg/ewma 0.013/0.009 ms\n\
             Unicast reply from 10.77.1.2 [02:0C:44:D4:D4:F4]  0.570ms\n",
        );
        let expected = [
            "64 bytes from 10.77.1.2: icmp_seq=1 ttl=64 time=T ms",
            "2 packets transmitted, 2 received, 0% packet loss, time T",
            "rtt min/avg/max/mdev = T ms, ipg/ewma T ms",
            "Unicast reply from 10.77.1.2 [02:0C:44:D4:D4:F4]  T",
        ];
        equal(&lines, &expected).unwrap();
        assert!(equal(&lines[1..], &expected).is_err());
    }
}
