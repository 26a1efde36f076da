//! The releases of one canister, and every path of upgrades through them.

use std::path::Path;
use std::{fmt, fs, io};

use crate::{Canister, Reject};

/// The released wasms of a canister, oldest first. Tests with it show that every release reads what
/// earlier ones wrote.
///
/// # Example: every upgrade that users may make
/// ```no_run
/// use graven_testkit::Chain;
/// let chain = Chain::load(["releases/v1.wasm", "releases/v2.wasm", "target/new.wasm"]).unwrap();
/// // Steps through all paths, as v1 → v2 → new and v1 → new.
/// chain.run_all_paths(|canister, path| {
///     canister.update::<_, ()>("write_as", (path.len() as u64,)).unwrap();
///     canister.query::<_, ()>("check", ()).unwrap();
/// });
/// // No release may open what a later one has written.
/// chain.assert_downgrades_refused(|canister| canister.update::<_, ()>("write", ()).unwrap());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Chain {
    releases: Vec<Vec<u8>>,
}

impl Chain {
    /// Takes wasms from memory, oldest first.
    pub fn new(releases: impl IntoIterator<Item = Vec<u8>>) -> Chain {
        Chain { releases: releases.into_iter().collect() }
    }

    /// Reads wasms from files, oldest first.
    ///
    /// # Errors
    /// Returns the error of reading a file, with the name of the file.
    pub fn load<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> io::Result<Chain> {
        let read = |file: P| {
            let file = file.as_ref();
            fs::read(file)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))
        };
        Ok(Chain { releases: files.into_iter().map(read).collect::<io::Result<_>>()? })
    }

    /// Returns the number of releases.
    pub fn len(&self) -> usize {
        self.releases.len()
    }

    /// Returns `true` if there are no releases.
    pub fn is_empty(&self) -> bool {
        self.releases.is_empty()
    }

    /// Installs the first release of a path and upgrades to the others. A path consists of
    /// positions of releases; `step` is called after each, with the path so far.
    ///
    /// # Panics
    /// Panics if a release does not exist, or if an install or upgrade fails, with the path and the
    /// reject.
    #[track_caller]
    pub fn run(&self, path: &[usize], mut step: impl FnMut(&mut Canister, &[usize])) -> Canister {
        let (first, later) = path.split_first().expect("a path has at least one release");
        let done = |result: Result<(), Reject>, so_far: &[usize]| {
            result.unwrap_or_else(|reject| panic!("on the path {so_far:?}: {reject}"));
        };
        let mut canister = Canister::builder().empty();
        done(canister.reinstall(&self.releases[*first], ()).result, &path[..1]);
        step(&mut canister, &path[..1]);
        for (index, release) in later.iter().enumerate() {
            let so_far = &path[..index + 2];
            done(canister.upgrade(&self.releases[*release], ()).result, so_far);
            step(&mut canister, so_far);
        }
        canister
    }

    /// Returns all paths from any release to the last one, including those that skip releases. With
    /// `n` releases there are 2ⁿ⁻¹ of them.
    pub fn paths(&self) -> impl Iterator<Item = Vec<usize>> + use<> {
        let last = self.releases.len().saturating_sub(1);
        let subsets = if self.releases.is_empty() { 0 } else { 1u64 << last };
        (0..subsets)
            .map(move |chosen| (0..last).filter(|release| chosen >> release & 1 == 1).chain([last]).collect())
    }

    /// Runs all paths to the last release.
    ///
    /// # Panics
    /// Panics as [`Chain::run`] does.
    #[track_caller]
    pub fn run_all_paths(&self, mut step: impl FnMut(&mut Canister, &[usize])) {
        for path in self.paths() {
            self.run(&path, &mut step);
        }
    }

    /// Checks that all paths from the first release to the last one end with the same contents,
    /// including those that skip releases. `write` is called once, in the first release, and
    /// `observe` reads the contents after the last upgrade.
    ///
    /// This finds a name that one release drops or renames and a later one uses again: a path that
    /// skips the former shows the old entries under it.
    ///
    /// # Panics
    /// Panics if two paths end with different contents, and as [`Chain::run`].
    #[track_caller]
    pub fn assert_paths_agree<T: PartialEq + fmt::Debug>(
        &self,
        mut write: impl FnMut(&mut Canister),
        mut observe: impl FnMut(&mut Canister) -> T,
    ) {
        let mut first: Option<(Vec<usize>, T)> = None;
        for path in self.paths().filter(|path| path.first() == Some(&0)) {
            let mut canister = self.run(&path, |canister, so_far| {
                if so_far.len() == 1 {
                    write(canister);
                }
            });
            let found = observe(&mut canister);
            match &first {
                Some((other, expected)) => {
                    assert!(
                        found == *expected,
                        "{other:?} ends with {expected:?}, and {path:?} with {found:?}"
                    );
                }
                None => first = Some((path, found)),
            }
        }
    }

    /// Checks that no release opens what a later one has written, and that trying changes nothing.
    /// `write` is called when the later one runs.
    ///
    /// An older release opens a memory to which the later one wrote nothing new, so `write` has to
    /// write records in each later layout.
    ///
    /// # Panics
    /// Panics if an older release opens the memory, or if stable memory differs afterwards.
    #[track_caller]
    pub fn assert_downgrades_refused(&self, mut write: impl FnMut(&mut Canister)) {
        for newer in 1..self.releases.len() {
            for older in 0..newer {
                let mut canister = self.run(&[newer], |canister, _| write(canister));
                let before = canister.stable_image();
                let refused = canister.upgrade(&self.releases[older], ()).result.is_err();
                assert!(refused, "release {older} opened what release {newer} has written");
                assert!(
                    canister.stable_image() == before,
                    "release {older} was refused, but wrote something"
                );
            }
        }
    }
}
