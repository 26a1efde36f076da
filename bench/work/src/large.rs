//! One value of 10 MiB.

use core::hint::black_box;

/// Its bytes.
pub const LARGE: usize = 10 << 20;

/// How a contender puts and gets one large value.
pub trait Large {
    /// Sets the value.
    fn put(&mut self, bytes: Vec<u8>);
    /// Shows the value.
    fn see(&self, look: impl FnOnce(&[u8]));
}

/// Does the operation once.
///
/// # Panics
/// Where the value is not what it must be, and for an operation that is not here.
pub fn run(home: &mut impl Large, operation: &str) -> u64 {
    match operation {
        "keys" => {}
        "nothing" => drop(black_box(vec![7u8; LARGE])),
        "put" => home.put(vec![7u8; LARGE]),
        "get" => home.see(|bytes| assert!(bytes.len() == LARGE && bytes[LARGE / 2] == 7)),
        other => panic!("no operation `{other}`"),
    }
    1
}
