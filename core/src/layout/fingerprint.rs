//! The 128-bit fingerprint of a layout: the first half of SHA-256 over its canonical descriptor.
//!
//! SHA-256 is written here because it has to run in `const`, which no maintained hash crate does.
//! The tests compare it with the published vectors.

#![expect(
    clippy::indexing_slicing,
    reason = "constant evaluation has no iterators, and a block always has 64 bytes"
)]

/// The identity of a layout. Layouts with equal fingerprints have equal bytes.
///
/// Type names are not part of it, so renaming a Rust type changes nothing in memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// Returns the fingerprint of the given bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut sha = Sha256::new();
        sha.update(bytes);
        sha.finish()
    }

    /// Returns `true` if two fingerprints are equal. Unlike `==`, it can be called in `const`.
    #[must_use]
    pub const fn same(&self, other: &Self) -> bool {
        u128::from_le_bytes(self.0) == u128::from_le_bytes(other.0)
    }

    /// Returns the first 8 bytes, which checksums use.
    #[must_use]
    pub const fn short(self) -> [u8; 8] {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        [a, b, c, d, e, f, g, h]
    }
}

impl core::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// Writes the first two bytes and the last one, as in `a81f…03`. The alternate form writes all
/// bytes.
impl core::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if f.alternate() {
            return self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"));
        }
        write!(f, "{:02x}{:02x}…{:02x}", self.0[0], self.0[1], self.0[15])
    }
}

const ROUNDS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// A SHA-256 hasher that takes its input byte by byte, also in `const`.
#[derive(Debug)]
pub(crate) struct Sha256 {
    state: [u32; 8],
    block: [u8; 64],
    len: u64,
}

impl Sha256 {
    pub(crate) const fn new() -> Self {
        let state =
            [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
        Sha256 { state, block: [0; 64], len: 0 }
    }

    pub(crate) const fn push(&mut self, byte: u8) {
        self.block[(self.len % 64) as usize] = byte;
        self.len += 1;
        if self.len.is_multiple_of(64) {
            self.compress();
        }
    }

    /// Hashes bytes at run time. Copies whole blocks at once for speed.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while self.len.is_multiple_of(64)
            && let Some((block, rest)) = bytes.split_first_chunk::<64>()
        {
            self.block = *block;
            self.len += 64;
            self.compress();
            bytes = rest;
        }
        bytes.iter().for_each(|byte| self.push(*byte));
    }

    pub(crate) const fn finish(mut self) -> Fingerprint {
        let bits = self.len * 8;
        self.push(0x80);
        while self.len % 64 != 56 {
            self.push(0);
        }
        let bits = bits.to_be_bytes();
        let mut i = 0;
        while i < 8 {
            self.push(bits[i]);
            i += 1;
        }
        let mut out = [0; 16];
        let mut i = 0;
        while i < 16 {
            out[i] = self.state[i / 4].to_be_bytes()[i % 4];
            i += 1;
        }
        Fingerprint(out)
    }

    const fn compress(&mut self) {
        let mut w = [0u32; 64];
        let mut i = 0;
        while i < 16 {
            let b = i * 4;
            w[i] =
                u32::from_be_bytes([self.block[b], self.block[b + 1], self.block[b + 2], self.block[b + 3]]);
            i += 1;
        }
        while i < 64 {
            let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
            let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1);
            i += 1;
        }
        let mut s = self.state;
        let mut i = 0;
        while i < 64 {
            let s1 = s[4].rotate_right(6) ^ s[4].rotate_right(11) ^ s[4].rotate_right(25);
            let choice = (s[4] & s[5]) ^ (!s[4] & s[6]);
            let t1 = s[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(ROUNDS[i]).wrapping_add(w[i]);
            let s0 = s[0].rotate_right(2) ^ s[0].rotate_right(13) ^ s[0].rotate_right(22);
            let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
            let t2 = s0.wrapping_add(majority);
            s = [t1.wrapping_add(t2), s[0], s[1], s[2], s[3].wrapping_add(t1), s[4], s[5], s[6]];
            i += 1;
        }
        let mut i = 0;
        while i < 8 {
            self.state[i] = self.state[i].wrapping_add(s[i]);
            i += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(input: &[u8]) -> String {
        let mut sha = Sha256::new();
        input.iter().for_each(|byte| sha.push(*byte));
        let mut whole = Sha256::new();
        whole.update(input);
        let fingerprint = sha.finish();
        assert_eq!(fingerprint, whole.finish());
        format!("{fingerprint:#}")
    }

    #[test]
    fn matches_the_published_vectors() {
        assert_eq!(hex(b""), "e3b0c44298fc1c149afbf4c8996fb924");
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223");
        let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(two_blocks), "248d6a61d20638b8e5c026930c3e6039");
        assert_eq!(hex(&vec![b'a'; 1_000_000]), "cdc76e5c9914fb9281a1c7e284d73e67");
    }
}
