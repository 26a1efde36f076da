//! Writes the sources of this shard's histories.

use std::path::PathBuf;

use graven_random_model::{shard, shard_source};

include!("shards.rs");

fn main() {
    println!("cargo::rerun-if-changed=../shards.rs");
    println!("cargo::rerun-if-changed=../build.rs");
    let name = std::env::var("CARGO_PKG_NAME").unwrap();
    let number = u64::from(name.as_bytes()[name.len() - 1] - b'a');
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap()).join("histories.rs");
    std::fs::write(out, shard_source(&shard(number, HISTORIES, MAX_SIZE))).unwrap();
}
