//! Damage to each structure of a store: `verify` names it, and `salvage` brings back every record
//! that is not on the damaged page.

use std::collections::BTreeSet;

use graven_collections::stored::{Salvage, StoredStore};
use graven_core::{DefaultMemoryImpl, Error, Memory};

use crate::support::Folder;
use crate::town;

const PAGE: usize = 4096;

/// The kinds of pages: docs/format.md, section 1.
const EXTENT: u8 = 1;
const NODE: u8 = 2;
const BRANCH: u8 = 6;
const ARRAY: u8 = 7;
const BUCKET: u8 = 8;

/// An image with the pages of its roots.
#[derive(Clone)]
struct Image(Vec<u8>);

impl Image {
    fn number(&self, at: usize) -> usize {
        u32::from_le_bytes(self.0[at..at + 4].try_into().unwrap()) as usize
    }

    fn half(&self, at: usize) -> usize {
        u16::from_le_bytes(self.0[at..at + 2].try_into().unwrap()) as usize
    }

    fn set(&mut self, at: usize, bytes: &[u8]) {
        assert_ne!(&self.0[at..at + bytes.len()], bytes, "it is damaged");
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn pages(&self) -> usize {
        self.number(32)
    }

    /// Returns the page of a root.
    fn root(&self, name: &str) -> usize {
        let catalog = self.number(48);
        let roots = (0..self.half(catalog * PAGE + 2)).map(|at| self.number(catalog * PAGE + 16 + 4 * at));
        let mut named = roots.filter(|root| {
            let len = self.half(root * PAGE + 2);
            &self.0[root * PAGE + 64..root * PAGE + 64 + len] == name.as_bytes()
        });
        named.next().unwrap_or_else(|| panic!("there is no root {name}"))
    }

    /// Returns a page of a root, of a kind and a level.
    fn page(&self, root: &str, kind: u8, level: u8, nth: usize) -> usize {
        let owner = self.root(root);
        let owner_at = if kind == EXTENT { 20 } else { 12 };
        let mut pages = (1..self.pages()).filter(|page| {
            let at = page * PAGE;
            let fits = kind == EXTENT || self.0[at + 1] == level;
            self.0[at] == kind && fits && self.number(at + owner_at) == owner
        });
        pages.nth(nth).unwrap_or_else(|| panic!("{root} has no such page"))
    }

    fn memory(&self) -> DefaultMemoryImpl {
        let memory = DefaultMemoryImpl::default();
        memory.grow((self.0.len() / 65_536) as u64);
        memory.write(0, &self.0);
        memory
    }
}

/// A record: its root and its parts as text.
type Record = (String, String);

/// Returns all records that are found, each with the page of its cell.
fn records(image: &Image) -> BTreeSet<(Record, usize)> {
    let salvage = Salvage::open(image.memory()).unwrap();
    let mut found = BTreeSet::new();
    let names: Vec<String> = salvage.roots().map(|root| root.name().to_owned()).collect();
    for (at, name) in names.iter().enumerate() {
        let recovered = salvage.records::<Error>(at, &mut |record| {
            if !record.is_doubtful {
                // The key says which record it is; positions are not known everywhere.
                let parts =
                    record.parts.iter().filter(|(name, _)| !matches!(*name, "index" | "number" | "handle"));
                let parts: Vec<_> = parts.collect();
                found.insert(((name.clone(), format!("{parts:?}")), record.entry.page.get() as usize));
            }
            Ok(())
        });
        recovered.unwrap();
    }
    found
}

/// One way to damage an image.
struct Case {
    what: &'static str,
    /// The root that the damage is reported for, or nothing for the store.
    root: Option<&'static str>,
    /// The words of the reason.
    reason: &'static str,
    /// Damages the image and returns the damaged page.
    damage: fn(&mut Image) -> usize,
    /// The number of records on other pages that the damaged page is a part of.
    lost: usize,
}

const fn case(
    what: &'static str,
    root: Option<&'static str>,
    reason: &'static str,
    damage: fn(&mut Image) -> usize,
) -> Case {
    Case { what, root, reason, damage, lost: 0 }
}

/// Sets bytes at an offset of a page.
fn patch(image: &mut Image, page: usize, at: usize, bytes: &[u8]) -> usize {
    image.set(page * PAGE + at, bytes);
    page
}

const CASES: &[Case] = &[
    case("the magic of the superblock", None, "holds", |image| patch(image, 0, 1, b"X")),
    case("the checksum of the superblock", None, "checksum", |image| patch(image, 0, 24, &[0xff; 4])),
    case("the catalog's page number in the superblock", None, "points outside", |image| {
        patch(image, 0, 48, &u32::MAX.to_le_bytes())
    }),
    case("the number of free pages", None, "free list", |image| {
        let free = image.number(40) as u32;
        patch(image, 0, 40, &(free + 1).to_le_bytes())
    }),
    case("the list of free extents", None, "kind", |image| {
        let catalog = image.number(48) as u32;
        patch(image, 0, 36, &catalog.to_le_bytes());
        0
    }),
    case("the kind of the catalog", None, "kind", |image| {
        let page = image.number(48);
        patch(image, page, 0, &[9])
    }),
    case("the number of roots", None, "more roots than fit", |image| {
        let page = image.number(48);
        patch(image, page, 2, &2_000_u16.to_le_bytes())
    }),
    case("a descriptor in the registry", None, "fingerprint", |image| {
        let page = image.number(52);
        patch(image, page, 16, &[0; 16])
    }),
    case("the length of a record of the registry", None, "layouts or pages", |image| {
        let page = image.number(52);
        patch(image, page, 32, &[0xff; 2])
    }),
    case("the name of a root", None, "checksum of the root's collection", |image| {
        let page = image.root("names");
        patch(image, page, 64, b"N")
    }),
    case("the kind of a root's collection", None, "checksum of the root's collection", |image| {
        let page = image.root("names");
        patch(image, page, 1, &[2])
    }),
    case("the number of a root's layouts", None, "impossible number of layouts", |image| {
        let page = image.root("ages");
        patch(image, page, 40, &[0xff, 0])
    }),
    case("the features of a root", None, "features", |image| {
        let page = image.root("ages");
        patch(image, page, 42, &[0x80])
    }),
    case("the top of a tree", Some("users"), "level below", |image| {
        let (page, leaf) = (image.root("users"), image.page("users", NODE, 0, 3));
        patch(image, page, 8, &(leaf as u32).to_le_bytes())
    }),
    case("the number of entries", Some("names"), "entries", |image| {
        let page = image.root("names");
        patch(image, page, 16, &[0xfe, 0xff])
    }),
    case("the pages of a layout", Some("users"), "layout", |image| {
        let page = image.root("users");
        patch(image, page, 324, &[0x77])
    }),
    case("the kind of a leaf", Some("users"), "level below", |image| {
        let page = image.page("users", NODE, 0, 2);
        patch(image, page, 0, &[0])
    }),
    case("the owner of a leaf", Some("people"), "level below", |image| {
        let page = image.page("people", NODE, 0, 2);
        patch(image, page, 12, &[1, 0, 0, 0])
    }),
    case("an inner node", Some("users"), "", |image| {
        let page = image.page("users", NODE, 1, 0);
        patch(image, page, 0, &[0xff; 64])
    }),
    case("the order of keys in a leaf", Some("people"), "not in order", |image| {
        let page = image.page("people", NODE, 0, 1);
        let (first, second) = (image.half(page * PAGE + 32), image.half(page * PAGE + 34));
        patch(image, page, 32, &[(second as u16).to_le_bytes(), (first as u16).to_le_bytes()].concat())
    }),
    case("a slot", Some("people"), "", |image| {
        let page = image.page("people", NODE, 0, 1);
        patch(image, page, 32, &[3, 0])
    }),
    case("the fragmented bytes of a leaf", Some("people"), "overlap", |image| {
        let page = image.page("people", NODE, 0, 1);
        patch(image, page, 6, &[0x10, 0x7])
    }),
    case("the order of fixed cells", Some("scores"), "", |image| {
        let page = image.page("scores", NODE, 0, 1);
        let count = image.half(page * PAGE + 2) as u16;
        patch(image, page, 2, &(count + 1).to_le_bytes())
    }),
    Case {
        lost: 1,
        ..case("the owner of an overflow page", Some("users"), "another collection", |image| {
            let page = image.page("users", EXTENT, 0, 0);
            patch(image, page, 20, &[1, 0, 0, 0])
        })
    },
    case("a control byte of a bucket", Some("ages"), "bucket or group", |image| {
        let page = image.page("ages", BUCKET, 0, 0);
        let taken = (32..PAGE).find(|at| image.0[page * PAGE + at] >= 0x80).unwrap();
        let byte = image.0[page * PAGE + taken] ^ 1;
        patch(image, page, taken, &[byte])
    }),
    case("the directory of a hash", Some("ages"), "directory", |image| {
        let page = image.page("ages", BRANCH, 1, 0);
        patch(image, page, 32, &[0xff; 600])
    }),
    case("the seed of a hash", Some("ages"), "hash", |image| {
        let page = image.root("ages");
        patch(image, page, 3584, &[0xaa; 8])
    }),
    case("a branch of a vector", Some("numbers"), "", |image| {
        let page = image.page("numbers", BRANCH, 1, 0);
        patch(image, page, 32, &[0xff; 4])
    }),
    case("the width of an array", Some("numbers"), "", |image| {
        let page = image.page("numbers", ARRAY, 0, 0);
        patch(image, page, 4, &[7])
    }),
    case("the count of the last array", None, "how many values", |image| {
        let root = image.root("numbers");
        let page = image.number(root * PAGE + 3584 + 20);
        let end = (32..PAGE).rfind(|at| image.0[page * PAGE + at] != 0).unwrap();
        patch(image, page, end, &[0x40])
    }),
    case("a leaf of a deque", Some("lines"), "", |image| {
        let page = image.page("lines", NODE, 0, 0);
        patch(image, page, 2, &[0xff, 0x3])
    }),
    case("the order of a queue", Some("jobs"), "", |image| {
        let page = image.page("jobs", NODE, 0, 0);
        let (first, last) = (image.half(page * PAGE + 32), image.half(page * PAGE + 60));
        patch(image, page, 32, &(last as u16).to_le_bytes());
        patch(image, page, 60, &(first as u16).to_le_bytes())
    }),
    case("the next id of a slab", Some("tickets"), "next number", |image| {
        let page = image.root("tickets");
        patch(image, page, 3584, &[1, 0])
    }),
    case("a rank", Some("scores"), "", |image| {
        let page = image.root("scores");
        let top = image.number(page * PAGE + 3584 + 256);
        patch(image, top, 12, &[1, 0, 0, 0])
    }),
    case("the number of nested collections", Some("posts"), "as many as counted", |image| {
        let page = image.root("posts");
        patch(image, page, 3584 + 8, &[77])
    }),
    case("a leaf of nested entries", Some("posts"), "", |image| {
        let page = image.page("posts", NODE, 0, 2);
        patch(image, page, 4, &[0, 0])
    }),
    case("a leaf of records", Some("walls"), "", |image| {
        let page = image.page("walls", NODE, 0, 1);
        patch(image, page, 8, &[1, 0])
    }),
    case("an entry of an index", Some("people.email"), "an entry is missing", |image| {
        let page = image.page("people.email", NODE, 0, 0);
        patch(image, page, PAGE - 1, &[0xee])
    }),
    case("a value that does not decode", Some("people"), "", |image| {
        let page = image.page("people", NODE, 0, 1);
        // The first bytes of the last cell written are those of lengths and the key.
        let cell = image.half(page * PAGE + 4);
        patch(image, page, cell + 8, &[0xff; 8])
    }),
    case("a leaf of a detached tree", None, "", |image| {
        let page = image.number(44);
        assert_ne!(page, 0, "there is a detached tree");
        patch(image, page, 0, &[0])
    }),
    case("a page that nothing has", None, "its room is lost", |image| {
        let pages = image.pages() as u32;
        patch(image, 0, 32, &(pages + 1).to_le_bytes())
    }),
];

#[test]
fn an_intact_town_is_whole() {
    let image = Image(town::memory());
    let findings = StoredStore::open(image.memory()).unwrap().verify().unwrap();
    assert_eq!(findings.count, 0, "{:?}", findings.faults);
    let store = StoredStore::open(image.memory()).unwrap();
    let counted = store.roots().iter().filter(|root| !root.kind().is_index());
    let counted: u64 = counted.map(|root| root.stats().entries).sum();
    assert_eq!(records(&image).len() as u64, counted);
}

#[test]
fn verify_names_each_damage_and_salvage_brings_back_the_rest() {
    let (intact, folder) = (Image(town::memory()), Folder::new());
    let before = records(&intact);
    assert!(CASES.len() >= 30);
    let failures: Vec<String> =
        CASES.iter().filter_map(|case| try_case(case, &intact, &before, &folder).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn try_case(
    case: &Case,
    intact: &Image,
    before: &BTreeSet<(Record, usize)>,
    folder: &Folder,
) -> Result<(), String> {
    let (what, mut image) = (case.what, intact.clone());
    let page = (case.damage)(&mut image);
    folder.write("memory.bin", &image.0);
    let said = folder.run(&["verify", "memory.bin", "--json"]);
    if said.code == 2 {
        // Without its magic it is no store.
        if what != "the magic of the superblock" || !said.err.contains(case.reason) {
            return Err(format!("{what}: {said:?}"));
        }
    } else {
        let outcome: serde_json::Value = serde_json::from_str(&said.out).map_err(|_| format!("{said:?}"))?;
        let faults = outcome["faults"].as_array().cloned().unwrap_or_default();
        let is_named = faults.iter().any(|fault| {
            let owner = case.root.is_none_or(|root| fault["root"] == root);
            owner && fault["reason"].as_str().unwrap().contains(case.reason)
        });
        if said.code != 1 || !is_named {
            return Err(format!("{what}: {:?}", faults.iter().take(3).collect::<Vec<_>>()));
        }
    }
    let renamed = what == "the name of a root";
    let after = records(&image).into_iter().map(|((root, parts), _)| match renamed && root == "Names" {
        true => ("names".to_owned(), parts),
        false => (root, parts),
    });
    let after: BTreeSet<Record> = after.collect();
    let others = before.iter().filter(|(_, on)| *on != page).map(|(record, _)| record);
    let missing: Vec<&Record> = others.filter(|record| !after.contains(*record)).collect();
    if missing.len() != case.lost {
        return Err(format!("{what}: {} are missing, as {:?}", missing.len(), missing.first()));
    }
    let said = folder.run(&["salvage", "memory.bin", "-o", "out.jsonl"]);
    if said.code < 2 { Ok(()) } else { Err(format!("{what}: {said:?}")) }
}
