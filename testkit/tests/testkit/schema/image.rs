//! Images written by one store and opened by another.

use graven::{BTreeMap, Budget, DefaultMemoryImpl, Error, Foreign, Memory, Options, Schema, StableLayout};
use graven_core::page::superblock::MAGIC;
use graven_testkit::{Image, WASM_PAGE};
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager};

use super::{forgetful, panic_of, v1, v2};

/// The version after the last one that reads version 1.
mod v3 {
    use super::*;

    #[derive(StableLayout)]
    #[layout(version = 2, oldest = 2)]
    pub struct User {
        pub name: String,
        pub karma: u64,
    }

    #[graven::store]
    pub struct Forum {
        pub users: BTreeMap<u64, User>,
    }
}

#[test]
fn old_values_are_read_with_the_default_of_a_new_field() {
    let image = v1::image(100);
    let forum: v2::Forum = image.open();
    assert_eq!(forum.users.len(), 100);
    assert_eq!(forum.users.get(&7), Some(v2::User { name: "user 7".into(), karma: 10 }));
}

#[test]
fn an_image_is_not_changed_by_those_who_open_it() {
    let image = v1::image(3);
    let before = image.clone();
    image.open::<v2::Forum>().users.insert(3, v2::User { name: "new".into(), karma: 1 });
    let upgraded = image.upgrade(|forum: &mut v2::Forum| {
        forum.users.remove(&0);
    });
    assert_eq!(image, before);
    assert_ne!(upgraded, before);
    assert_eq!(upgraded.open::<v2::Forum>().users.len(), 2);
}

#[test]
fn a_refusal_gives_the_words_of_the_upgrade() {
    let image = v1::image(3);
    let report = image.assert_refused::<forgetful::Forum>();
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.problems[0].rule.name(), "field-added");
    let words = report.to_string();
    assert!(words.starts_with("the upgrade was refused, nothing was changed (1 problem)"), "{words}");
    assert!(
        words.contains("make this version 2 and add `#[layout(since = 2, default = …)]` to `karma`"),
        "{words}"
    );
    let panic = panic_of(|| image.open::<forgetful::Forum>());
    assert!(panic.contains("does not open the image") && panic.contains(words.trim()), "{panic}");
    assert!(
        matches!(image.try_open::<forgetful::Forum>().map(drop), Err(Error::Refused(same)) if *same == report)
    );
}

#[test]
fn a_downgrade_is_refused_once_the_new_version_has_written() {
    let image = v1::image(3).upgrade(|_: &mut v2::Forum| ());
    drop(image.open::<v1::Forum>());
    let report = image.sweep::<v2::Forum>().assert_refused::<v1::Forum>();
    assert_eq!(report.problems[0].rule.name(), "version-newer");
}

#[test]
fn an_expected_refusal_that_does_not_come_fails() {
    let panic = panic_of(|| v1::image(3).assert_refused::<v2::Forum>());
    assert!(panic.contains("v2::Forum` opened the image that it should have refused"), "{panic}");
}

#[test]
fn damage_is_no_refusal() {
    let image = v1::image(3);
    let mut bytes = image.into_bytes();
    bytes[20] ^= 1;
    let damaged = Image::new(bytes);
    let panic = panic_of(|| damaged.assert_refused::<forgetful::Forum>());
    assert!(
        panic.contains("did not refuse the image, it failed to open it: page 0 of the store is damaged"),
        "{panic}"
    );
    let zeros = Image::new(vec![0; MAGIC.len()]);
    assert!(matches!(zeros.try_open::<v1::Forum>().map(drop), Err(Error::Foreign(Foreign::Zeros))));
}

/// A store that writes before it looks.
struct Careless;

impl Schema for Careless {
    type Memory = DefaultMemoryImpl;
    const ROOTS: &'static [graven::schema::RootSpec] = &[];

    fn open_with(memory: DefaultMemoryImpl, _: Options) -> graven::Result<Self> {
        memory.write(memory.size() * WASM_PAGE - 1, &[1]);
        Err(Error::Refused(Box::default()))
    }

    fn attach(_: &mut graven::Store<DefaultMemoryImpl>) -> Self {
        Careless
    }

    fn stats(&self) -> Vec<graven::RootStats> {
        Vec::new()
    }

    fn pager(&self) -> &graven_core::page::Pager<DefaultMemoryImpl> {
        unreachable!("it never opens")
    }

    fn obsolete(&self) -> graven::Result<Vec<graven::schema::VersionName>> {
        Ok(Vec::new())
    }

    fn sweep(&mut self, _: &mut Budget<'_>) -> graven::Result<graven::Progress> {
        Ok(graven::Progress::default())
    }
}

#[test]
fn a_refusal_that_changes_a_byte_is_none() {
    let panic = panic_of(|| v1::image(3).assert_refused::<Careless>());
    assert!(panic.contains("Careless` failed to open the image, but changed it"), "{panic}");
}

#[test]
fn a_sweep_leaves_what_code_without_the_history_opens() {
    let image = v1::image(1_000);
    assert!(image.progress::<v1::Forum>().is_done());
    let progress = image.progress::<v2::Forum>();
    assert!(!progress.is_done() && progress.migrated == 0);
    let pages = progress.left[0].pages;
    assert_eq!(progress.to_string(), format!("users: {pages} pages of User v1"));
    let report = image.assert_refused::<v3::Forum>();
    assert_eq!(report.problems[0].rule.name(), "version-forgotten");

    let half = image.upgrade(|forum: &mut v2::Forum| {
        let progress = forum.sweep(&mut Budget::pages(u64::from(pages) / 2)).unwrap();
        assert!(!progress.is_done());
    });
    let left = half.progress::<v2::Forum>().old_pages;
    assert_eq!(left, u64::from(pages) - u64::from(pages) / 2);

    let swept = half.sweep::<v2::Forum>();
    assert_eq!(swept.progress::<v2::Forum>().to_string(), "every page is in the current layout");
    assert_eq!(swept.open::<v3::Forum>().users.get(&999).unwrap().karma, 10);
}

#[test]
fn a_file_has_the_bytes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/in/forum.image");
    let image = v1::image(3);
    image.save(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), image.bytes());
    assert_eq!(Image::load(&path).unwrap(), image);
    for bytes in [&image.bytes()[1..], &[], b"version https://git-lfs.github.com/spec/v1\n"] {
        std::fs::write(&path, bytes).unwrap();
        let error = Image::load(&path).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        let words = format!("forum.image: {} bytes are no stable memory", bytes.len());
        assert!(error.to_string().contains(&words), "{error}");
    }
    let missing = Image::load(folder.path().join("other.image")).unwrap_err().to_string();
    assert!(missing.contains("other.image: "), "{missing}");
}

#[test]
fn a_store_in_a_memory_manager() {
    let memory = Image::default().memory();
    let virtual_memory = || MemoryManager::init(memory.clone()).get(MemoryId::new(3));
    graven::open::<BTreeMap<u64, u64, _>>("map", virtual_memory()).unwrap().insert(1, 2);
    let image = Image::of(&memory);
    assert_eq!(image.bytes().len() as u64, memory.size() * WASM_PAGE);
    assert!(matches!(image.try_open::<v1::Forum>().map(drop), Err(Error::Foreign(_))));
    let virtual_memory = MemoryManager::init(image.memory()).get(MemoryId::new(3));
    assert_eq!(graven::open::<BTreeMap<u64, u64, _>>("map", virtual_memory).unwrap().get(&1), Some(2));
}
