//! Types and stores compared with `graven.lock`.

use std::any::type_name;
use std::fmt::Write;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, absolute};

use graven_core::evolution::Problem;
use graven_core::layout::StableLayout;
use graven_core::layout::stored::OwnedLayout;
use graven_core::lock::{self, Lock};
use graven_core::store::{CollectionKind, RootSpec, Schema};

/// Sees to it that a type is what a lock says: all of its versions, and those of the types in it.
/// Other types in the lock do not matter. The path is relative to the package's folder, where cargo
/// runs its tests.
///
/// The derive compares with the `graven.lock` beside its crate's `Cargo.toml` as well, and what it
/// finds does not build. This compares with any lock, and sees what the derive cannot: types of
/// other crates, those of a generic type's fields, and versions that a `previous` type reads.
///
/// # Panics
/// If anything differs, with every problem and its fix; if the lock is not there or is none; if the
/// type has no versions that could be locked, as `u64` has none.
///
/// # Example: a type against the lock
/// ```
/// use graven::StableLayout;
/// use graven_testkit::assert_locked;
///
/// #[derive(StableLayout)]
/// #[layout(version = 1)]
/// struct User {
///     name: String,
/// }
///
/// # let folder = tempfile::tempdir().unwrap();
/// # std::env::set_current_dir(&folder).unwrap();
/// # let lock = "User v1 be59ae158b1699f8fa64f90ebf9256b4\n    name: String\n";
/// # std::fs::write("graven.lock", lock).unwrap();
/// assert_locked::<User>("graven.lock");
/// ```
#[track_caller]
pub fn assert_locked<T: StableLayout>(lock: impl AsRef<Path>) {
    let (path, name) = (lock.as_ref(), OwnedLayout::from(T::LAYOUT).to_string());
    let specs = [RootSpec::new::<T>("value", CollectionKind::Cell, None)];
    let declared = lock::declared(&specs);
    assert!(!declared.is_empty(), "`{name}` has no versions, so there is nothing to lock");
    let mut lock = read(path);
    lock.entries.retain(|entry| declared.iter().any(|declared| declared.entry.name == entry.name));
    lock.retired.clear();
    let mut problems = lock::compare(&lock, &specs, &[]);
    // There is no root.
    problems.iter_mut().for_each(|problem| problem.root = problem.path.join(" → "));
    agree(path, &name, &problems);
}

/// Sees to it that a store is what a lock says: all versions of all types in its collections, and
/// nothing in the lock that the store has forgotten. It is what `cargo graven check` says of a
/// lock, without building the wasm. The path is relative to the package's folder, where cargo runs
/// its tests.
///
/// # Panics
/// If anything differs, with every problem and its fix; if the lock is not there or is none.
///
/// # Example: a store against the lock
/// ```
/// use graven::{BTreeMap, StableLayout};
/// use graven_testkit::assert_store_locked;
///
/// #[derive(StableLayout)]
/// #[layout(version = 1)]
/// struct User {
///     name: String,
/// }
///
/// #[graven::store]
/// struct Forum {
///     users: BTreeMap<u64, User>,
/// }
///
/// # let folder = tempfile::tempdir().unwrap();
/// # std::env::set_current_dir(&folder).unwrap();
/// # let lock = "User v1 be59ae158b1699f8fa64f90ebf9256b4\n    name: String\n";
/// # std::fs::write("graven.lock", lock).unwrap();
/// assert_store_locked::<Forum>("graven.lock");
/// ```
#[track_caller]
pub fn assert_store_locked<S: Schema>(lock: impl AsRef<Path>) {
    let path = lock.as_ref();
    let store = type_name::<S>();
    agree(
        path,
        store.rsplit("::").next().unwrap_or(store),
        &lock::compare(&read(path), S::ROOTS, S::DROPPED),
    );
}

#[track_caller]
fn read(path: &Path) -> Lock {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let looked = absolute(path).unwrap_or_else(|_| path.to_owned());
            panic!(
                "there is no {}: run `cargo graven lock`, which writes it beside Cargo.toml, and commit the file",
                looked.display()
            )
        }
        Err(error) => panic!("{}: {error}", path.display()),
    };
    match Lock::parse(&text) {
        Ok(lock) => lock,
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

#[track_caller]
fn agree(path: &Path, code: &str, problems: &[Problem]) {
    if problems.is_empty() {
        return;
    }
    let (path, count) = (path.display(), problems.len());
    let plural = if count == 1 { "" } else { "s" };
    let mut words = format!("`{code}` is not what {path} says ({count} problem{plural})\n");
    problems.iter().for_each(|problem| _ = write!(words, "\n{problem}\n"));
    panic!("{words}");
}
