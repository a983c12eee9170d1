//! Packets at random, for figures of them.

/// Numbers at random, the same in every run (xorshift64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 11).unwrap() % limit
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}

/// A frame of any kind: right, or with some bytes that are not, or cut short.
pub(crate) fn frame(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = chance.bytes(12);
    let payload = chance.below(60);
    let (kind, tail): ([u8; 2], Vec<u8>) = match chance.below(8) {
        0 => ([0x08, 0x06], [&[0, 1, 8, 0, 6, 4, 0, 1][..], &chance.bytes(20)].concat()),
        1 => ([0x86, 0xdd], ipv6(chance, payload)),
        2 => ([0x08, 0x00], chance.bytes(payload)),
        3 => ([0x81, 0x00], [&chance.bytes(2)[..], &[8, 0], &ipv4(chance, 17, payload)].concat()),
        _ => {
            let protocol = [1, 1, 6, 6, 17, 17, 50][chance.below(7)];
            ([0x08, 0x00], ipv4(chance, protocol, payload))
        }
    };
    bytes.extend(kind);
    bytes.extend(tail);
    if chance.below(4) == 0 {
        let at = chance.below(bytes.len());
        bytes[at] ^= 1 << chance.below(8);
    }
    if chance.below(8) == 0 {
        bytes.truncate(chance.below(bytes.len()));
    }
    bytes
}

fn ipv4(chance: &mut Chance, protocol: u8, payload: usize) -> Vec<u8> {
    let words = if chance.below(3) == 0 { chance.below(11) } else { 0 };
    let transport = transport(chance, protocol, payload);
    let length = 20 + 4 * words + transport.len();
    let mut header = vec![0x45 + u8::try_from(words).unwrap(), 0];
    header.extend(u16::try_from(length).unwrap().to_be_bytes());
    header.extend(chance.bytes(4));
    header.extend([64, protocol, 0, 0]);
    header.extend(chance.bytes(8));
    if chance.below(4) > 0 {
        header[6] &= 0x40;
        header[7] = 0;
    }
    header.extend(
        (0..words).flat_map(|_| [[1, 1, 1, 1], [7, 7, 4, 10], [148, 4, 0, 0], [68, 12, 5, 1]][chance.below(4)]),
    );
    header.extend(transport);
    header
}

fn ipv6(chance: &mut Chance, payload: usize) -> Vec<u8> {
    let next = [6, 17, 58, 0, 44, 43][chance.below(6)];
    let transport = transport(chance, next, payload);
    let mut header = vec![0x60, 0, 0, 0];
    header.extend(u16::try_from(transport.len()).unwrap().to_be_bytes());
    header.extend([next, 64]);
    header.extend(chance.bytes(32));
    header.extend(transport);
    header
}

fn transport(chance: &mut Chance, protocol: u8, payload: usize) -> Vec<u8> {
    let mut bytes = chance.bytes(20);
    match protocol {
        1 => bytes[0] = [0, 3, 5, 8, 11, 12, 13][chance.below(7)],
        58 => bytes[0] = [1, 2, 128, 129, 135, 136][chance.below(6)],
        6 => {
            let words = chance.below(11);
            bytes[12] = u8::try_from(5 + words).unwrap() << 4;
            let options: [[u8; 4]; 5] = [[1, 1, 1, 1], [2, 4, 5, 180], [1, 3, 3, 7], [4, 2, 1, 1], [1, 1, 8, 10]];
            bytes.extend((0..words).flat_map(|_| options[chance.below(5)]));
        }
        17 if chance.below(2) == 0 => {
            bytes[..4].copy_from_slice(&[0, 68, 0, 67]);
            bytes.extend(chance.bytes(220));
            bytes[8..10].copy_from_slice(&[1, 1]);
            bytes.extend([99, 130, 83, 99, 53, 1, 1, 55, 3, 1, 3, 6, 255]);
        }
        _ => {}
    }
    bytes.extend(chance.bytes(payload));
    if protocol == 17 {
        let len = u16::try_from(bytes.len()).unwrap();
        bytes[4..6].copy_from_slice(&len.to_be_bytes());
    }
    bytes
}
