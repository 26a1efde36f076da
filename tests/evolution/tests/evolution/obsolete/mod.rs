//! Which versions may be deleted from the code: the canister's own answer and that of tools are the
//! same, and code that followed it opens the memory.

mod roots;
mod shapes;

use std::fmt::Debug;

use graven::schema::VersionName;
use graven::{BTreeMap, Budget, Error, Schema, StableLayout, open};
use graven_core::page::Pager;
use graven_core::store::section::Declared;
use graven_core::store::{inspect, unused_versions};

pub(crate) type Bytes = graven::DefaultMemoryImpl;

pub(crate) fn declared<S: Schema>() -> Declared {
    Declared { roots: S::ROOTS.to_vec(), dropped: S::DROPPED.to_vec() }
}

/// Returns what tools say about a memory and code: the versions that may be deleted, and those that
/// no page holds but that stay.
pub(crate) fn told<S: Schema>(memory: &Bytes) -> (Vec<String>, Vec<String>) {
    let unused = unused_versions(&inspect(memory.clone()).unwrap(), &declared::<S>());
    let (needed, deletable): (Vec<_>, Vec<_>) = unused.into_iter().partition(|unused| unused.needed);
    let names = |unused: Vec<graven_core::evolution::UnusedVersion>| {
        let names = unused.into_iter().map(|one| VersionName { name: one.name, version: one.version });
        names.map(|name| name.to_string()).collect()
    };
    (names(deletable), names(needed))
}

/// Returns the versions that may be deleted. The canister and tools have to agree on them.
#[track_caller]
pub(crate) fn advice<S: Schema>(store: &S, memory: &Bytes) -> Vec<String> {
    let own: Vec<String> = store.obsolete().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(told::<S>(memory).0, own);
    own
}

#[track_caller]
pub(crate) fn refused<S: Schema<Memory = Bytes>>(memory: &Bytes) {
    let before = memory.borrow().clone();
    let error = S::open_with(memory.clone(), Default::default()).map(drop).expect_err("it is opened");
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert!(*memory.borrow() == before);
}

pub(crate) fn sweep<S: Schema>(store: &mut S) {
    while !store.sweep(&mut Budget::pages(64)).unwrap().is_done() {}
}

/// A store of one map.
pub(crate) struct Users<T: StableLayout>(BTreeMap<u64, T>);

impl<T: StableLayout> Schema for Users<T> {
    type Memory = Bytes;

    const ROOTS: &'static [graven::schema::RootSpec] =
        &[<BTreeMap<u64, T> as graven::Collection>::SPEC.named("users")];

    fn attach(store: &mut graven::Store<Bytes>) -> Self {
        Users(graven::Collection::attach(store.take(0)))
    }

    fn stats(&self) -> Vec<graven::RootStats> {
        vec![graven::Collection::root(&self.0).stats()]
    }

    fn pager(&self) -> &Pager<Bytes> {
        graven::Collection::root(&self.0).pager()
    }

    fn obsolete(&self) -> graven::Result<Vec<VersionName>> {
        graven_core::store::obsolete(&[graven::Collection::root(&self.0)], Self::ROOTS)
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> graven::Result<graven::Progress> {
        let mut progress = graven::Progress::default();
        graven_core::store::sweep_one(&mut self.0, budget, &mut progress)?;
        Ok(progress)
    }
}

fn users<T: StableLayout>(memory: &Bytes) -> Users<T> {
    Users::open_with(memory.clone(), Default::default()).unwrap()
}

/// From `Old` to `New`, and on to `Clean`, which has no history of `gone` any more.
pub(crate) fn follow<Old, New, Clean>(old: &[Old], clean: &[Clean], gone: &[&str])
where
    Old: StableLayout + Clone,
    New: StableLayout,
    Clean: StableLayout + Debug + PartialEq,
{
    nothing_was_ever_stored::<Old, New, Clean>(gone);
    let memory = Bytes::default();
    let mut store = users::<Old>(&memory);
    for (key, value) in old.iter().enumerate() {
        store.0.insert(key as u64, value.clone());
    }
    assert_eq!(told::<Users<New>>(&memory).0, [""; 0], "before the upgrade");
    let mut store = users::<New>(&memory);
    assert_eq!(advice(&store, &memory), [""; 0], "before the sweep");
    drop(store);
    refused::<Users<Clean>>(&memory);
    store = users::<New>(&memory);
    sweep(&mut store);
    assert_eq!(advice(&store, &memory), gone, "after the sweep");
    drop(store);
    let store = users::<Clean>(&memory);
    let found: Vec<Clean> = store.0.iter().map(|(_, value)| value).collect();
    assert_eq!(found, clean);
    assert_eq!(advice(&store, &memory), [""; 0], "what is deleted is not listed");
    store.0.verify().unwrap();
}

/// The layout that was last written in is compared even if no page has it.
fn nothing_was_ever_stored<Old: StableLayout, New: StableLayout, Clean: StableLayout>(gone: &[&str]) {
    let memory = Bytes::default();
    drop(users::<Old>(&memory));
    assert_eq!(told::<Users<New>>(&memory).0, [""; 0], "an empty root of the old code");
    refused::<Users<Clean>>(&memory);
    let store = users::<New>(&memory);
    assert_eq!(advice(&store, &memory), gone, "an empty root of the new code");
    drop(store);
    drop(open::<BTreeMap<u64, Clean>>("users", memory).unwrap());
}
