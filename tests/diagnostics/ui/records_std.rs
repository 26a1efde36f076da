//! Std's collections are values, and do not stand beside records.

use graven::Records;

#[graven::store]
struct Blog {
    users: Records<u64, String, std::vec::Vec<String>>,
}

fn main() {}
