//! A gazetteer, version 2: places also have a population and tags.

#[path = "../../stats.rs"]
mod stats;

use std::collections::BTreeSet;
use std::ops::Bound;

use candid::CandidType;
use graven::key::{MAX_KEY_LEN, encode_key};
use graven::{BTreeMap, Budget, StableLayout};
use serde::Deserialize;
use stats::Stats;

/// A place, as it is stored and as clients see it.
#[derive(CandidType, StableLayout)]
#[layout(version = 2)]
struct Place {
    name: String,
    admin1: String,
    admin2: String,
    country: String,
    latitude: f64,
    longitude: f64,
    #[layout(since = 2)]
    population: Option<u64>,
    #[layout(since = 2, default = vec!["untagged".into()])]
    tags: Vec<String>,
}

#[graven::store]
struct Gazetteer {
    places: BTreeMap<u32, Place>,
    /// Names in lower case, each with the number of its place: an index.
    names: BTreeMap<(String, u32), ()>,
}

graven::canister!(Gazetteer);

/// A place as clients send it.
#[derive(CandidType, Deserialize)]
struct NewPlace {
    id: u32,
    name: String,
    admin1: String,
    admin2: String,
    country: String,
    latitude: f64,
    longitude: f64,
}

impl From<NewPlace> for Place {
    fn from(new: NewPlace) -> Place {
        Place {
            name: new.name,
            admin1: new.admin1,
            admin2: new.admin2,
            country: new.country,
            latitude: new.latitude,
            longitude: new.longitude,
            population: None,
            tags: Vec::new(),
        }
    }
}

/// A place and its number.
#[derive(CandidType)]
struct Entry {
    id: u32,
    place: Place,
}

/// Some places in the order of their numbers; the next page begins after `next`.
#[derive(CandidType)]
struct Page {
    entries: Vec<Entry>,
    next: Option<u32>,
}

/// The progress of a sweep, and the number of pages that are still in an older layout.
#[derive(CandidType)]
struct Progress {
    migrated: u64,
    old_pages: u64,
}

/// Places in one reply: as many as always fit.
const MAX_ENTRIES: u32 = 1_000;

/// Adds all places of a batch, or none. Returns the number of places there are now.
#[ic_cdk::update]
fn add(batch: Vec<NewPlace>) -> Result<u64, String> {
    Gazetteer::with_mut(|gazetteer| {
        // What a client can get wrong is found before the first write. Should memory be full,
        // `insert` traps: then the system undoes the whole message, and the caller gets the reason.
        check(gazetteer, &batch)?;
        for new in batch {
            let id = new.id;
            gazetteer.names.insert(name_key(&new.name, id), ());
            gazetteer.places.insert(id, new.into());
        }
        Ok(gazetteer.places.len())
    })
}

fn check(gazetteer: &Gazetteer, batch: &[NewPlace]) -> Result<(), String> {
    let mut ids = BTreeSet::new();
    for NewPlace { id, name, latitude, longitude, .. } in batch {
        if gazetteer.places.contains_key(id) || !ids.insert(id) {
            return Err(format!("place {id}: there is one with this number already"));
        }
        let len = encode_key(&name_key(name, *id)).len();
        if len > MAX_KEY_LEN {
            return Err(format!(
                "place {id}: its name makes a key of {len} bytes, at most {MAX_KEY_LEN} fit"
            ));
        }
        if !(-90.0..=90.0).contains(latitude) || !(-180.0..=180.0).contains(longitude) {
            return Err(format!("place {id}: {latitude}, {longitude} is nowhere on Earth"));
        }
    }
    Ok(())
}

fn name_key(name: &str, id: u32) -> (String, u32) {
    (name.to_lowercase(), id)
}

/// Sets what version 1 did not know.
#[ic_cdk::update]
fn describe(id: u32, population: Option<u64>, tags: Vec<String>) -> Result<(), String> {
    Gazetteer::with_mut(|gazetteer| {
        let mut place = gazetteer.places.get(&id).ok_or(format!("place {id}: there is none"))?;
        place.population = population;
        place.tags = tags;
        gazetteer.places.insert(id, place);
        Ok(())
    })
}

/// Returns the place with a number.
#[ic_cdk::query]
fn place(id: u32) -> Option<Place> {
    Gazetteer::with(|gazetteer| gazetteer.places.get(&id))
}

/// Places whose names begin with `prefix`, in the order of their names.
#[ic_cdk::query]
fn starts_with(prefix: String, limit: u32) -> Vec<Entry> {
    let prefix = prefix.to_lowercase();
    Gazetteer::with(|gazetteer| {
        let keys = gazetteer.names.range((prefix.clone(), 0)..).map(|(key, ())| key);
        keys.take_while(|(name, _)| name.starts_with(&prefix))
            .take(limit.min(MAX_ENTRIES) as usize)
            .filter_map(|(_, id)| Some(Entry { id, place: gazetteer.places.get(&id)? }))
            .collect()
    })
}

/// Places after the number `after`, or from the first one on.
#[ic_cdk::query]
fn page(after: Option<u32>, limit: u32) -> Page {
    Gazetteer::with(|gazetteer| {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = gazetteer.places.range((start, Bound::Unbounded));
        let entries = rest.by_ref().take(limit.min(MAX_ENTRIES) as usize);
        let entries: Vec<Entry> = entries.map(|(id, place)| Entry { id, place }).collect();
        let next = rest.next().and(entries.last()).map(|entry| entry.id);
        Page { entries, next }
    })
}

/// Returns how many places there are.
#[ic_cdk::query]
fn count() -> u64 {
    Gazetteer::with(|gazetteer| gazetteer.places.len())
}

/// Returns the size of the store and of each root. Reads no entry.
#[ic_cdk::query]
fn stats() -> Stats {
    Gazetteer::with(|gazetteer| Stats::new(gazetteer.stats(), gazetteer.usage()))
}

/// Converts at most the given number of pages to the current layout. Nothing depends on it: old
/// pages are read as well.
#[ic_cdk::update]
fn sweep(pages: u64) -> Result<Progress, String> {
    let swept = Gazetteer::with_mut(|gazetteer| gazetteer.sweep(&mut Budget::pages(pages)));
    let progress = swept.map_err(|error| error.to_string())?;
    Ok(Progress { migrated: progress.migrated, old_pages: progress.old_pages })
}

#[cfg(test)]
mod tests {
    use super::*;

    candid::export_service!();

    #[test]
    fn the_interface_is_the_written_one() {
        assert_eq!(__export_service().trim(), include_str!("../gazetteer.did").trim());
    }
}
