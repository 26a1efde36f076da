//! A gazetteer, version 2: places also have a population and tags.

#[path = "../../stats.rs"]
mod stats;

use std::ops::Bound;

use candid::CandidType;
use graven::{Budget, StableLayout, Table};
use serde::Deserialize;
use stats::Stats;

/// A place, as it is stored and as clients see it.
#[derive(CandidType, StableLayout, Table)]
#[layout(version = 2)]
struct Place {
    #[table(key)]
    id: u32,
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
    places: Table<Place>,
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
            id: new.id,
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

/// Some places in the order of their numbers; the next page begins after `next`.
#[derive(CandidType)]
struct Page {
    places: Vec<Place>,
    next: Option<u32>,
}

/// The progress of a sweep, and the number of pages that are still in an older layout.
#[derive(CandidType)]
struct Progress {
    migrated: u64,
    old_pages: u64,
}

/// Places in one reply: as many as always fit.
const MAX_PLACES: u32 = 1_000;

/// Adds all places of a batch, or none. Returns the number of places there are now.
#[ic_cdk::update]
fn add(batch: Vec<NewPlace>) -> Result<u64, String> {
    // An error undoes the whole transaction. Should memory be full, `insert` traps: then the system
    // undoes the whole message, and the caller gets the reason.
    Gazetteer::transaction(|gazetteer| {
        for new in batch {
            let NewPlace { id, latitude, longitude, .. } = new;
            if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
                return Err(format!("place {id}: {latitude}, {longitude} is nowhere on Earth"));
            }
            let taken = |_| format!("place {id}: there is one with this number already");
            gazetteer.places.insert(new.into()).map_err(taken)?;
        }
        Ok(gazetteer.places.len())
    })
}

/// Sets what version 1 did not know.
#[ic_cdk::update]
fn describe(id: u32, population: Option<u64>, tags: Vec<String>) -> Result<(), String> {
    Gazetteer::with_mut(|gazetteer| {
        let described = gazetteer.places.update(&id, |place| {
            place.population = population;
            place.tags = tags;
        });
        described.map_err(|violation| violation.to_string())?.ok_or(format!("place {id}: there is none"))
    })
}

/// Returns the place with a number.
#[ic_cdk::query]
fn place(id: u32) -> Option<Place> {
    Gazetteer::with(|gazetteer| gazetteer.places.get(&id))
}

/// Places after the number `after`, or from the first one on.
#[ic_cdk::query]
fn page(after: Option<u32>, limit: u32) -> Page {
    Gazetteer::with(|gazetteer| {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = gazetteer.places.range((start, Bound::Unbounded)).map(|(_, place)| place);
        let places: Vec<Place> = rest.by_ref().take(limit.min(MAX_PLACES) as usize).collect();
        let next = rest.next().and(places.last()).map(|place| place.id);
        Page { places, next }
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
