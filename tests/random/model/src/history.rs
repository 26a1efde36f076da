//! A history: every version of every type, and which of them each release of the code has.

use crate::body::{Body, Version};
use crate::change::{self, Context};
use crate::genome::Genome;
use crate::rng::Rng;
use crate::ty::Ty;

/// All versions of a type.
#[derive(Debug, Clone)]
pub(crate) struct Type {
    pub(crate) generic: bool,
    /// The first is version 1.
    pub(crate) versions: Vec<Version>,
}

/// The types of a program over all of its releases.
#[derive(Debug, Clone)]
pub struct History {
    /// The genome that the history was made of.
    pub genome: Genome,
    /// The type of the stored values. It has no version of its own if it is a container.
    pub root: Ty,
    pub(crate) types: Vec<Type>,
    /// By release, by type: the version.
    pub(crate) releases: Vec<Vec<usize>>,
}

/// The types as one release has them.
#[derive(Debug, Clone, Copy)]
pub struct At<'h> {
    pub(crate) history: &'h History,
    pub(crate) release: usize,
}

impl History {
    /// Follows the genes.
    #[must_use]
    pub fn new(genome: &Genome) -> History {
        let mut ids = 0;
        let mut types: Vec<Type> = (0..genome.types).map(|index| first(genome, index, &mut ids)).collect();
        let mut releases = vec![vec![1; genome.types]];
        for release in 1..genome.releases {
            let mut versions = releases[release - 1].clone();
            for (index, ty) in types.iter_mut().enumerate() {
                let genes = genome.genes.iter().filter(|gene| gene.release == release && gene.ty == index);
                let genes: Vec<u64> = genes.map(|gene| gene.seed).collect();
                let context = Context { index, types: genome.types, generic: ty.generic, ids: &mut ids };
                let next = change::evolve(&ty.versions[versions[index] - 1], &genes, context, genome);
                if let Some(next) = next {
                    ty.versions.push(next);
                    versions[index] += 1;
                }
            }
            releases.push(versions);
        }
        let root = root(genome);
        History { genome: genome.clone(), root, types, releases }
    }

    /// Returns the number of releases.
    #[must_use]
    pub fn releases(&self) -> usize {
        self.releases.len()
    }

    /// Returns the types as a release has them.
    #[must_use]
    pub fn at(&self, release: usize) -> At<'_> {
        At { history: self, release }
    }

    /// Returns `true` if values are rows of a table: records of a derived type that never has a
    /// constant size.
    #[must_use]
    pub fn is_of_rows(&self) -> bool {
        let is_dynamic = |release| self.root.size(self.at(release)).is_none();
        matches!(self.root, Ty::Named(_, None)) && (0..self.releases()).all(is_dynamic)
    }

    /// Before which version of a type nothing is stored once a release may be installed.
    pub(crate) fn oldest(&self, ty: usize, release: usize) -> usize {
        let forgets = (1..=release).rev().find(|release| self.genome.forgets.contains(release));
        forgets.map_or(1, |release| self.releases[release - 1][ty])
    }
}

impl<'h> At<'h> {
    pub(crate) fn version(self, ty: usize) -> usize {
        self.history.releases[self.release][ty]
    }

    pub(crate) fn body(self, ty: usize) -> &'h Body {
        &self.history.types[ty].versions[self.version(ty) - 1].body
    }
}

fn first(genome: &Genome, index: usize, ids: &mut u32) -> Type {
    let generic = genome.is_generic(index);
    let mut rng = Rng::new(genome.seed.wrapping_mul(31) + index as u64);
    let mut context = Context { index, types: genome.types, generic, ids };
    let body = change::random_body(&mut context, genome, &mut rng);
    Type { generic, versions: vec![Version { body, starts: true, origin: Vec::new(), gone: Vec::new() }] }
}

fn root(genome: &Genome) -> Ty {
    let mut rng = Rng::new(genome.seed.wrapping_mul(37) + 5);
    let argument = genome.is_generic(0).then(|| Box::new(Ty::Uint(32)));
    let ty = Box::new(Ty::Named(0, argument));
    match rng.index(10) {
        0 => Ty::Opt(ty),
        1 => Ty::List(ty),
        2 => Ty::Pair(Box::new(Ty::Uint(16)), ty),
        3 => Ty::Array(ty, 2),
        4 => Ty::Res(ty, Box::new(Ty::Str)),
        _ => *ty,
    }
}
