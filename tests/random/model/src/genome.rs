//! The source of a history: numbers that can be left out one by one, so that a case can be made
//! smaller.

use crate::history::History;
use crate::rng::Rng;

/// A change of a type in a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gene {
    /// The release, from 1 on.
    pub release: usize,
    /// The type.
    pub ty: usize,
    /// The seed, which decides everything else.
    pub seed: u64,
}

/// The beginning of a history and all of its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genome {
    /// Decides how the types begin.
    pub seed: u64,
    /// The number of types; each may contain those after it.
    pub types: usize,
    /// The number of releases.
    pub releases: usize,
    /// The changes.
    pub genes: Vec<Gene>,
    /// Releases from which the histories of all types were deleted up to the release before.
    pub forgets: Vec<usize>,
}

impl Genome {
    /// Returns the genome of a seed: two to eight releases of one to three types.
    #[must_use]
    pub fn random(seed: u64) -> Genome {
        let mut rng = Rng::new(seed);
        let types = [1, 1, 1, 2, 2, 3][rng.index(6)];
        let releases = [2, 2, 2, 3, 3, 3, 4, 4, 5, 8][rng.index(10)];
        let mut genes = Vec::new();
        for release in 1..releases {
            let count = 1 + rng.index(3);
            genes.extend((0..count).map(|_| Gene { release, ty: rng.index(types), seed: rng.any() }));
        }
        let forgets = (2..releases).filter(|_| rng.once_in(8)).collect();
        Genome { seed, types, releases, genes, forgets }
    }

    /// Returns `true` if a type has a parameter.
    #[must_use]
    pub fn is_generic(&self, ty: usize) -> bool {
        Rng::new(self.seed.wrapping_mul(41) + ty as u64).once_in(6)
    }
}

/// Returns the genomes of a shard of the tests: of as many seeds as it takes, those whose values
/// have no constant size of more than `size` bytes.
#[must_use]
pub fn shard(number: u64, count: usize, size: usize) -> Vec<Genome> {
    let fits = |genome: &Genome| {
        let history = History::new(genome);
        let sizes = (0..history.releases()).map(|release| history.root.size(history.at(release)));
        sizes.flatten().all(|constant| constant <= size)
    };
    (number * 1_000_000..).map(Genome::random).filter(fits).take(count).collect()
}
