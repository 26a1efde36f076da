//! The histories of this shard, compiled apart from those of the others. See `graven-random-tests`.
//! They are a program of their own: a library would describe all types once more, for others.

use graven_random_model::{Genome, shard};
use graven_random_tests::{Totals, check, prelude};

include!("shards.rs");

/// The sources that the build script has written.
#[allow(missing_docs, dead_code, unused, clippy::all, clippy::pedantic)]
mod sources {
    use graven_random_tests::code::{Included, IndexCode, Values, key, layout};
    use graven_random_tests::{Release, encoded, values};

    use super::prelude::{self, Blob, Text};

    include!(concat!(env!("OUT_DIR"), "/histories.rs"));
}

/// Returns the genomes of the shard whose letter ends the name of the package.
fn genomes() -> Vec<Genome> {
    let name = env!("CARGO_PKG_NAME");
    shard(u64::from(name.as_bytes()[name.len() - 1] - b'a'), HISTORIES, MAX_SIZE)
}

/// Runs half of the histories of this shard.
fn run(half: usize) {
    let genomes = genomes();
    let middle = HISTORIES / 2;
    let part = [0..middle, middle..HISTORIES][half].clone();
    let totals: Totals = check(&genomes[part.clone()], &sources::HISTORIES[part]);
    println!("{totals:?}");
    assert_eq!(totals.histories, HISTORIES as u64 / 2);
    assert!(totals.records >= 500_000 && totals.upgrades >= 500 && totals.refused >= 500, "{totals:?}");
    // Rules of indexes and references were broken, and rows went with others, in every way.
    assert!(totals.taken >= 1_000 && totals.dangling >= 2_000 && totals.restricted >= 100, "{totals:?}");
    assert!(totals.incomplete >= 200 && totals.cascades >= 15 && totals.blocked >= 100, "{totals:?}");
    assert!(totals.broken >= 8 && totals.taken_back >= 80, "{totals:?}");
}

#[test]
fn the_first_half() {
    run(0);
}

#[test]
fn the_second_half() {
    run(1);
}
