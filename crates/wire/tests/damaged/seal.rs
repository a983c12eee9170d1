//! Mends all checksums of a damaged frame, as its receiver will see it: with no code of the crate that is tested.

/// Mends what there is in `frame`.
pub(crate) fn frame(frame: &mut [u8]) {
    let mut at = 12;
    while frame.get(at..at + 2) == Some(&[0x81, 0x00]) {
        at += 4;
    }
    if frame.get(at..at + 2) == Some(&[0x08, 0x00]) {
        packet(&mut frame[at + 2..], true);
    }
}

/// Mends an IPv4 packet, or the beginning of one; its transport only where it is not a quote, of which most is missing.
fn packet(bytes: &mut [u8], is_whole: bool) {
    if bytes.len() < 20 {
        return;
    }
    let header = usize::from(bytes[0] & 15) * 4;
    if header < 20 || header > bytes.len() {
        return;
    }
    put(bytes, 10, header, 0);
    let end = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
    let is_fragment = u16::from_be_bytes([bytes[6], bytes[7]]) & 0x3fff != 0;
    if is_whole && !is_fragment && (header..=bytes.len()).contains(&end) {
        let (addresses, protocol) = (sum(&bytes[12..20]), bytes[9]);
        match protocol {
            1 => message(&mut bytes[header..end]),
            6 => put(&mut bytes[header..end], 16, end - header, addresses + 6 + (end - header) as u32),
            17 => datagram(&mut bytes[header..end], addresses),
            _ => {}
        }
    }
}

fn message(bytes: &mut [u8]) {
    if bytes.len() >= 8 && [3, 5, 11, 12].contains(&bytes[0]) {
        packet(&mut bytes[8..], false);
        extensions(bytes);
    }
    put(bytes, 2, bytes.len(), 0);
}

/// Those that a length points at: who has none is known by the very checksum.
fn extensions(message: &mut [u8]) {
    let length = usize::from(message[5]) * 4;
    if message[0] != 5 && length >= 128 && message.len() >= 8 + length + 4 {
        let structure = &mut message[8 + length..];
        if structure[0] >> 4 == 2 && structure[2..4] != [0, 0] {
            put(structure, 2, structure.len(), 0);
        }
    }
}

fn datagram(bytes: &mut [u8], addresses: u32) {
    if bytes.len() < 8 {
        return;
    }
    let len = usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
    let had_one = bytes[6..8] != [0, 0];
    if had_one && (8..=bytes.len()).contains(&len) {
        put(bytes, 6, len, addresses + 17 + len as u32);
        if bytes[6..8] == [0, 0] {
            bytes[6..8].copy_from_slice(&[0xff, 0xff]);
        }
    }
}

/// Puts at `at` the checksum over the first `len` bytes and what is in `sum` already.
fn put(bytes: &mut [u8], at: usize, len: usize, start: u32) {
    if len >= at + 2 {
        bytes[at..at + 2].copy_from_slice(&[0, 0]);
        let mut sum = sum(&bytes[..len]) + start;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        bytes[at..at + 2].copy_from_slice(&(!(sum as u16)).to_be_bytes());
    }
}

fn sum(bytes: &[u8]) -> u32 {
    bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0))).sum()
}
