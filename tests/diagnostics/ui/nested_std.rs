//! Std's collections are values, and cannot be nested.

use graven::Nested;

#[graven::store]
struct Forum {
    posts: Nested<u64, std::vec::Vec<String>>,
}

fn main() {}
