//! The golden images, decoded and compared with their listings.

use std::collections::BTreeSet;
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, from_str};
use sha2::{Digest, Sha256};

use super::contents::{Contents, Listed, More, Record};
use super::hash::hash;
use super::image;
use super::listing::listing;
use super::memory::Use;
use super::roots::{Collection, Root};

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden").join(file)
}

fn read(file: &str) -> String {
    read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn expected(file: &str) -> Json {
    from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Compares root by root and record by record, so that a failure says where the difference is.
fn compare(found: &Json, expected: &Json) {
    let roots = |listing: &Json| listing["roots"].as_array().expect("roots are an array").clone();
    for (found, expected) in roots(found).iter().zip(&roots(expected)) {
        let list = |root: &Json| root["entries"].as_array().or(root["elements"].as_array()).cloned();
        let entries = |root: &Json| list(root).unwrap_or_default();
        for (found, expected) in entries(found).iter().zip(&entries(expected)) {
            assert_eq!(found, expected);
        }
        assert_eq!(found, expected);
    }
    assert_eq!(found, expected);
}

/// Returns the names of the files in a folder of golden images, in order.
fn files(folder: &str) -> BTreeSet<String> {
    let names = read_dir(path(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| format!("{folder}{}", name.into_string().unwrap())).collect()
}

/// Every image has a listing of its roots and entries as they are stored.
#[test]
fn images_hold_what_their_listings_say() {
    let images: Vec<String> = [files(""), files("version-1/")]
        .into_iter()
        .flatten()
        .filter(|name| name.ends_with(".image"))
        .collect();
    assert!(images.len() >= 18, "there are golden images");
    for image in images {
        let bytes = image::memory(&read(&image));
        let found = listing(&Contents::of(&bytes));
        compare(&found, &expected(&image.replace(".image", ".json")));
    }
}

/// The images of version 1 stay readable for ever, so they are never changed.
#[test]
fn images_of_version_1_are_as_they_were() {
    let mut hash = Sha256::new();
    for file in files("version-1/") {
        hash.update(&file);
        hash.update(read(&file));
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found, "7c276c85ab4bd68014bf8b2951e528ece8af0831c1cd4df940333a0a7099c7d1");
}

/// The image of everything contains each use of a page and the deeper shapes of trees.
#[test]
fn everything_has_all_kinds_of_pages() {
    let bytes = image::memory(&read("everything.image"));
    let contents = Contents::of(&bytes);
    let uses = [
        (Use::Superblock, 1..=1),
        (Use::Catalog, 1..=1),
        (Use::Registry, 1..=usize::MAX),
        (Use::Root, contents.roots.len()..=contents.roots.len()),
        (Use::Node, contents.roots.len() / 2..=usize::MAX),
        (Use::Extent, 2..=usize::MAX),
        (Use::Free, 1..=usize::MAX),
        (Use::DeadNode, 2..=usize::MAX),
        (Use::DeadExtent, 1..=usize::MAX),
    ];
    for (used, range) in uses {
        let pages = contents.pages(used);
        assert!(range.contains(&pages), "{pages} pages are {used:?}, not {range:?}");
    }
    assert!(contents.detached_trees > 0, "trees in the list of dead ones");
    assert!(contents.roots.iter().any(|listed| listed.root.state.height >= 3), "a tree of three levels");
    let in_chains = |listed: &Listed| listed.records.iter().any(|r| r.chained && r.key.is_some());
    assert!(contents.roots.iter().any(in_chains), "values of a map in chains");
    assert!(contents.memory.superblock.registry_len as usize > 4080, "records over two pages");
}

/// Nor what only sequences have: branches over branches, arrays, leaves that were dropped, and all
/// of it dead.
#[test]
fn sequences_have_all_kinds_of_pages() {
    let bytes = image::memory(&read("sequences.image"));
    let contents = Contents::of(&bytes);
    let uses = contents.memory.uses();
    let dead = [Use::DeadBranch, Use::DeadArray, Use::DeadNode, Use::DeadExtent];
    for used in [Use::Node, Use::Branch, Use::Array, Use::Extent].into_iter().chain(dead) {
        assert!(uses.contains_key(&used), "no page is {used:?} of {uses:?}");
    }
    assert!(contents.roots.iter().any(|listed| listed.root.state.height == 3), "two levels of branches");
    let dropped = |listed: &&Listed| matches!(listed.more, More::Log { dropped_leaves: 1.., .. });
    assert!(contents.roots.iter().filter(dropped).count() > 1, "leaves that were dropped, arrays and nodes");
    let layouts = |listed: &Listed| listed.records.iter().map(|r| r.layout).collect::<BTreeSet<_>>().len();
    assert!(contents.roots.iter().any(|listed| layouts(listed) == 3), "three versions in one sequence");
}

#[test]
fn queues_have_all_kinds_of_pages() {
    let bytes = image::memory(&read("queues.image"));
    let contents = Contents::of(&bytes);
    let uses = contents.memory.uses();
    let dead = [Use::DeadArray, Use::DeadNode, Use::DeadExtent];
    for used in [Use::Node, Use::Branch, Use::Array, Use::Extent].into_iter().chain(dead) {
        assert!(uses.contains_key(&used), "no page is {used:?} of {uses:?}");
    }
}

/// Hash maps have fixed and slotted pages, pages that follow others, two levels of branches,
/// values in overflow pages, three versions, given and own seeds, and dead pages of all kinds.
#[test]
fn hashes_have_all_kinds_of_pages() {
    let bytes = image::memory(&read("hashes.image"));
    let contents = Contents::of(&bytes);
    let uses = contents.memory.uses();
    for used in [Use::Branch, Use::Bucket, Use::Extent, Use::DeadBranch, Use::DeadBucket, Use::DeadExtent] {
        assert!(uses.contains_key(&used), "no page is {used:?} of {uses:?}");
    }
    let roots = || contents.roots.iter();
    assert!(roots().any(|listed| listed.root.state.height == 3), "two levels of branches");
    let layouts = |listed: &Listed| listed.records.iter().map(|r| r.layout).collect::<BTreeSet<_>>().len();
    assert!(roots().any(|listed| layouts(listed) == 3), "three versions in one map");
    assert!(roots().any(|listed| listed.records.iter().any(|record| record.chained)), "values in chains");
    let buckets = (0..contents.memory.superblock.pages).filter(|page| contents.memory.is(*page, Use::Bucket));
    let mut kinds = BTreeSet::new();
    for page in buckets {
        let header = contents.memory.pages(page, 1);
        kinds.insert((header[2..4] == [0, 0], header[28..32] == [0; 4]));
    }
    assert_eq!(kinds.len(), 4, "plain and mixed pages with and without others behind them");
    let own = |listed: &&Listed| {
        let name = hash(listed.root.page.into(), listed.root.name.as_bytes());
        matches!(listed.more, More::Seed(seed) if seed == name)
    };
    assert_eq!(
        roots().filter(own).count(),
        contents.roots.len() - 1,
        "all seeds but one are their maps' own"
    );
}

#[test]
fn sets_have_all_kinds_of_pages() {
    let bytes = image::memory(&read("sets.image"));
    let contents = Contents::of(&bytes);
    let uses = contents.memory.uses();
    for used in [Use::Node, Use::Branch, Use::Bucket, Use::DeadNode, Use::DeadBucket] {
        assert!(uses.contains_key(&used), "no page is {used:?} of {uses:?}");
    }
    let trees = contents.roots.iter().filter(|listed| listed.root.collection == Collection::BTreeSet);
    assert!(trees.into_iter().any(|listed| listed.root.state.height >= 3), "three levels of nodes");
}

#[test]
fn ranked_maps_have_keys_in_arrays_and_in_nodes() {
    let bytes = image::memory(&read("ranked.image"));
    let contents = Contents::of(&bytes);
    let uses = contents.memory.uses();
    for used in [Use::Node, Use::Branch, Use::Array, Use::Extent, Use::DeadNode, Use::DeadArray] {
        assert!(uses.contains_key(&used), "no page is {used:?} of {uses:?}");
    }
}

/// And no kind of type.
#[test]
fn everything_has_all_types() {
    let bytes = image::memory(&read("everything.image"));
    let mut kinds = BTreeSet::new();
    Contents::of(&bytes).layouts.iter().for_each(|layout| layout.of.kinds(&mut kinds));
    let all = (0x01..=0x0e).chain(0x10..=0x14).chain(0x20..=0x26).chain(0x30..=0x32);
    assert_eq!(kinds, all.collect());
}

/// Values of older versions stand beside newer ones. Those in the newest version are what its code
/// reads; what its code makes of the older ones is not in the memory.
#[test]
fn versions_stand_side_by_side() {
    let bytes = image::memory(&read("versions.image"));
    let contents = Contents::of(&bytes);
    let (newest, older) = contents.newest_and_older();
    assert!(newest > 0 && older > 0, "{newest} values in the newest version, {older} in older ones");
    let expected = expected("versions.newest.json");
    for (i, listed) in contents.roots.iter().enumerate() {
        let root = &expected["roots"][i];
        assert_eq!(root["name"], listed.root.name.as_str());
        let values: Vec<&Json> = match root["entries"].as_array() {
            Some(entries) => entries.iter().map(|entry| &entry[1]).collect(),
            None => root["value"].as_array().into_iter().flatten().collect(),
        };
        assert_eq!(values.len(), listed.records.len());
        for (record, value) in listed.records.iter().zip(values) {
            let same = record.value.json() == *value;
            assert_eq!(same, record.layout == listed.root.newest_layout(), "{value} of {}", listed.root.name);
        }
    }
    let layouts = |listed: &Listed| listed.records.iter().map(|r| r.layout).collect::<BTreeSet<_>>().len();
    assert!(contents.roots.iter().any(|listed| layouts(listed) == 3), "three versions in one map");
}

/// Records in overflow pages and in two layouts, items as well, collections that have another
/// number than that behind their record's, and what is left of removed and cleared ones.
#[test]
fn records_have_all_that_can_be() {
    let bytes = image::memory(&read("records.image"));
    let contents = Contents::of(&bytes);
    let collected = || {
        contents.roots.iter().flat_map(|listed| match &listed.more {
            More::Nested { collections, .. } => collections.iter().map(|one| (&listed.root, one)).collect(),
            _ => Vec::new(),
        })
    };
    let records = || collected().map(|(root, one)| (root, one.record.as_ref().expect("a record")));
    assert!(records().any(|(_, record)| record.chained), "records in chains");
    assert!(records().any(|(root, record)| record.layout != root.newest_layout()), "old records");
    assert!(records().any(|(root, record)| record.layout == root.newest_layout()), "new records");
    let items = || collected().flat_map(|(root, one)| one.items.iter().map(move |item| (root, item)));
    assert!(items().any(|(_, item)| item.chained), "items in chains");
    let old = |(root, item): (&Root, &Record)| root.rows.len() == 3 && item.layout != root.newest_layout();
    assert!(items().any(old), "old items");
    let left = |listed: &Listed| matches!(&listed.more, More::Nested { left, .. } if left.len() == 2);
    assert!(contents.roots.iter().any(left), "what is left of a removed and a cleared one");
}

/// Tables have indexes of all kinds, some of them with constant sizes, one of them not complete,
/// and one was dropped.
#[test]
fn tables_have_indexes_of_all_kinds() {
    let bytes = image::memory(&read("tables.image"));
    let contents = Contents::of(&bytes);
    let count =
        |collection| contents.roots.iter().filter(|listed| listed.root.collection == collection).count();
    let counts = [Collection::Table, Collection::Index, Collection::UniqueIndex].map(count);
    assert_eq!(counts, [3, 4, 3]);
    let states: BTreeSet<u8> = contents
        .roots
        .iter()
        .filter_map(|listed| match listed.more {
            More::Indexed { state, .. } => Some(state),
            _ => None,
        })
        .collect();
    assert_eq!(states, BTreeSet::from([1, 2]));
    assert!(contents.memory.uses().contains_key(&Use::DeadNode), "the pages of the dropped index");
}
