//! Reading little-endian numbers from bytes.

/// Bytes with a position; every read moves it forward, and fails the test if too little is left.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let left = self.bytes.len() - self.at;
        assert!(len <= left, "{len} bytes wanted at {}, {left} are left", self.at);
        self.at += len;
        &self.bytes[self.at - len..self.at]
    }

    pub fn rest(&mut self) -> &'a [u8] {
        self.take(self.bytes.len() - self.at)
    }

    pub fn skip(&mut self, len: usize) {
        self.take(len);
    }

    pub fn u8(&mut self) -> u8 {
        self.take(1)[0]
    }

    pub fn u16(&mut self) -> u16 {
        self.little(2) as u16
    }

    pub fn u32(&mut self) -> u32 {
        self.little(4) as u32
    }

    pub fn u64(&mut self) -> u64 {
        self.little(8) as u64
    }

    /// Returns an unsigned number of `size` bytes.
    pub fn little(&mut self, size: usize) -> u128 {
        self.take(size).iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// Length (`u8`), then UTF-8: a name in a descriptor (section 8).
    pub fn name(&mut self) -> String {
        let len = self.u8().into();
        text(self.take(len))
    }

    pub fn fingerprint(&mut self) -> [u8; 16] {
        self.take(16).try_into().unwrap()
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text is UTF-8")
}

/// Returns the number of a `size`-byte integer in two's complement, from its bits.
pub fn signed(bits: u128, size: usize) -> i128 {
    let unused = 128 - 8 * size;
    ((bits << unused) as i128) >> unused
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the bytes of hex digits; blanks between them are left out.
pub fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).expect("hex digits") as u8)
        .collect();
    assert!(digits.len().is_multiple_of(2), "hex digits come in pairs");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
