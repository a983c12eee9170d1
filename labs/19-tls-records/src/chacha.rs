//! Handed out: nothing to write here. How the suite TLS_CHACHA20_POLY1305_SHA256 opens what was sealed (RFC 8439).

/// What was sealed, opened; `None`: the tag, its last 16 bytes, does not fit. `seen` is what nobody hides but nobody may change
/// either: the record's header.
pub fn open(key: &[u8; 32], nonce: &[u8; 12], seen: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (hidden, tag) = sealed.split_at_checked(sealed.len().checked_sub(16)?)?;
    let mut one_time = [0; 32];
    one_time.copy_from_slice(&block(key, nonce, 0)[..32]);
    let mut told = [seen, &vec![0; seen.len().next_multiple_of(16) - seen.len()], hidden].concat();
    told.resize(told.len().next_multiple_of(16), 0);
    told.extend((seen.len() as u64).to_le_bytes());
    told.extend((hidden.len() as u64).to_le_bytes());
    if poly1305(&one_time, &told) != tag {
        return None;
    }
    let stream = (1..).flat_map(|counter| block(key, nonce, counter));
    Some(hidden.iter().zip(stream).map(|(byte, key)| byte ^ key).collect())
}

fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// 64 bytes of the stream that what is hidden is XORed with (RFC 8439 section 2.3).
fn block(key: &[u8; 32], nonce: &[u8; 12], counter: u32) -> [u8; 64] {
    let mut start = [0_u32; 16];
    start[..4].copy_from_slice(&[0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
    start[4..12].iter_mut().zip(key.chunks_exact(4)).for_each(|(to, bytes)| *to = word(bytes));
    start[12] = counter;
    start[13..].iter_mut().zip(nonce.chunks_exact(4)).for_each(|(to, bytes)| *to = word(bytes));
    let mut state = start;
    for _ in 0..10 {
        for at in 0..4 {
            quarter(&mut state, [at, 4 + at, 8 + at, 12 + at]);
        }
        for at in 0..4 {
            quarter(&mut state, [at, 4 + (at + 1) % 4, 8 + (at + 2) % 4, 12 + (at + 3) % 4]);
        }
    }
    let mut out = [0; 64];
    for (bytes, (end, start)) in out.chunks_exact_mut(4).zip(state.iter().zip(start)) {
        bytes.copy_from_slice(&end.wrapping_add(start).to_le_bytes());
    }
    out
}

fn quarter(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    for (one, two, three, by) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        state[one] = state[one].wrapping_add(state[two]);
        state[three] = (state[three] ^ state[one]).rotate_left(by);
    }
}

/// The tag of a message (RFC 8439 section 2.5), in five digits of 26 bits.
fn poly1305(key: &[u8; 32], message: &[u8]) -> [u8; 16] {
    const MASK: u64 = (1 << 26) - 1;
    let digits = |bytes: &[u8]| {
        let number = |at: usize| u64::from(word(&bytes[at..]));
        [number(0) & MASK, number(3) >> 2 & MASK, number(6) >> 4 & MASK, number(9) >> 6 & MASK, number(12) >> 8]
    };
    let mut clamped = [0; 16];
    clamped.copy_from_slice(&key[..16]);
    [3, 7, 11, 15].iter().for_each(|at| clamped[*at] &= 15);
    [4, 8, 12].iter().for_each(|at| clamped[*at] &= 252);
    let r = digits(&clamped);
    let mut sum = [0_u64; 5];
    for chunk in message.chunks(16) {
        let mut bytes = [0; 17];
        bytes[..chunk.len()].copy_from_slice(chunk);
        bytes[chunk.len()] = 1;
        sum.iter_mut().zip(digits(&bytes)).for_each(|(sum, digit)| *sum += digit);
        sum[4] += u64::from(bytes[16]) << 24;
        let mut product = [0_u64; 5];
        for (i, a) in sum.iter().enumerate() {
            for (j, b) in r.iter().enumerate() {
                // 2^130 is 5 modulo 2^130 - 5.
                product[(i + j) % 5] += a * b * if i + j >= 5 { 5 } else { 1 };
            }
        }
        sum = carried(product);
    }
    let sum = carried(carried(sum));
    // Whether it is at least 2^130 - 5: then adding 5 carries out of the highest digit.
    let mut less = sum;
    less[0] += 5;
    for at in 0..4 {
        less[at + 1] += less[at] >> 26;
        less[at] &= MASK;
    }
    let sum = if less[4] >> 26 > 0 { less } else { sum };
    let number = sum.iter().rev().fold(0_u128, |number, digit| number << 26 | u128::from(*digit));
    let mut pad = [0; 16];
    pad.copy_from_slice(&key[16..]);
    number.wrapping_add(u128::from_le_bytes(pad)).to_le_bytes()
}

fn carried(mut sum: [u64; 5]) -> [u64; 5] {
    let mut carry = 0;
    for digit in &mut sum {
        *digit += carry;
        carry = *digit >> 26;
        *digit &= (1 << 26) - 1;
    }
    sum[0] += carry * 5;
    sum
}
