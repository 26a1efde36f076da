//! A gazetteer as it must not be deployed: three changes that nobody declared. It compiles; the
//! upgrade is refused, and the canister continues with version 3.
//!
//! 1. `population` is no `Option` any more.
//! 2. `admin2` is gone.
//! 3. Places have larger numbers.

#[path = "../../stats.rs"]
mod stats;

use std::ops::Bound;

use candid::CandidType;
use graven::table::IndexState;
use graven::{Budget, Cursor, StableLayout, Table};
use serde::Deserialize;
use stats::Stats;

/// A place, as it is stored.
#[derive(StableLayout, Table)]
#[layout(version = 3, previous = PlaceV2)]
#[table(index(by = lowercase -> String, name = "name"))]
struct Place {
    #[table(key)]
    id: u64,
    name: String,
    admin1: String,
    country: String,
    position: Position,
    population: u64,
    tags: Vec<String>,
}

/// A position on Earth, in millionths of a degree.
#[derive(CandidType, Clone, Copy, StableLayout)]
#[layout(version = 1)]
struct Position {
    latitude_e6: i32,
    longitude_e6: i32,
}

/// A place as versions 1 and 2 stored it.
#[derive(StableLayout)]
#[layout(version = 2)]
struct PlaceV2 {
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

impl From<PlaceV2> for Place {
    fn from(old: PlaceV2) -> Place {
        Place {
            id: old.id.into(),
            name: old.name,
            admin1: old.admin1,
            country: old.country,
            position: Position::from_degrees(old.latitude, old.longitude),
            population: old.population.unwrap_or(0),
            tags: old.tags,
        }
    }
}

impl Position {
    fn from_degrees(latitude: f64, longitude: f64) -> Position {
        // `round` takes halves away from zero. `as` takes NaN to 0 and what is too large to the
        // nearest number there is: a conversion must not fail, the record is stored already.
        let microdegrees = |degrees: f64| (degrees * 1e6).round() as i32;
        Position { latitude_e6: microdegrees(latitude), longitude_e6: microdegrees(longitude) }
    }

    fn degrees(self) -> (f64, f64) {
        (f64::from(self.latitude_e6) / 1e6, f64::from(self.longitude_e6) / 1e6)
    }
}

/// Returns what the index has for a place.
fn lowercase(place: &Place) -> String {
    beginning(&place.name)
}

/// Returns the first 100 characters of a name in lower case. A whole name may be too long for an
/// index, which must not fail on a place that is already stored.
fn beginning(name: &str) -> String {
    name.chars().take(100).flat_map(char::to_lowercase).collect()
}

#[graven::store]
struct Gazetteer {
    places: Table<Place>,
}

graven::canister!(Gazetteer);

/// A place as clients send it.
#[derive(CandidType, Deserialize)]
struct NewPlace {
    id: u64,
    name: String,
    admin1: String,
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
            country: new.country,
            position: Position::from_degrees(new.latitude, new.longitude),
            population: 0,
            tags: Vec::new(),
        }
    }
}

/// A place as clients see it: all that they know from version 2, and its position.
#[derive(CandidType)]
struct PlaceInfo {
    id: u64,
    name: String,
    admin1: String,
    country: String,
    latitude: f64,
    longitude: f64,
    position: Position,
    population: u64,
    tags: Vec<String>,
}

impl From<Place> for PlaceInfo {
    fn from(place: Place) -> PlaceInfo {
        let (latitude, longitude) = place.position.degrees();
        PlaceInfo {
            id: place.id,
            name: place.name,
            admin1: place.admin1,
            country: place.country,
            latitude,
            longitude,
            position: place.position,
            population: place.population,
            tags: place.tags,
        }
    }
}

/// Some places in the order of their numbers; the next page begins after `next`.
#[derive(CandidType)]
struct Page {
    places: Vec<PlaceInfo>,
    next: Option<u64>,
}

/// Some places in the order of their names; `next` is where the next page begins.
#[derive(CandidType)]
struct Found {
    places: Vec<PlaceInfo>,
    next: Option<Vec<u8>>,
}

/// The progress of a sweep, the number of pages that are still in an older layout, the number of
/// places in the index of names, and whether nothing is left.
#[derive(CandidType)]
struct Progress {
    migrated: u64,
    old_pages: u64,
    names: u64,
    done: bool,
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
fn describe(id: u64, population: u64, tags: Vec<String>) -> Result<(), String> {
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
fn place(id: u64) -> Option<PlaceInfo> {
    Gazetteer::with(|gazetteer| gazetteer.places.get(&id).map(PlaceInfo::from))
}

/// Places after the number `after`, or from the first one on.
#[ic_cdk::query]
fn page(after: Option<u64>, limit: u32) -> Page {
    Gazetteer::with(|gazetteer| {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = gazetteer.places.range((start, Bound::Unbounded)).map(|(_, place)| place.into());
        let places: Vec<PlaceInfo> = rest.by_ref().take(limit.min(MAX_PLACES) as usize).collect();
        let next = rest.next().and(places.last()).map(|place| place.id);
        Page { places, next }
    })
}

/// Places whose names begin with `prefix`, in the order of their names, from a cursor on or from
/// the first one. Until the sweep has made the index, the error says how far it is.
#[ic_cdk::query]
fn starts_with(prefix: String, from: Option<Vec<u8>>, limit: u32) -> Result<Found, String> {
    Gazetteer::with(|gazetteer| {
        let from = from.map(|bytes| Cursor::from_bytes(&bytes)).transpose()?;
        let named = gazetteer.places.try_by(Place::BY_NAME)?.prefix(beginning(&prefix).as_str());
        let page = named.page(from.as_ref(), limit.min(MAX_PLACES) as usize)?;
        let places = page.items.into_iter().map(PlaceInfo::from).collect();
        Ok(Found { places, next: page.next.map(|cursor| cursor.to_bytes()) })
    })
    .map_err(|error: graven::Error| error.to_string())
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

/// Converts at most the given number of pages to the current layout, then adds places to the index
/// of names. Only `starts_with` depends on it: old pages are read as well.
#[ic_cdk::update]
fn sweep(pages: u64) -> Result<Progress, String> {
    Gazetteer::with_mut(|gazetteer| {
        let progress = gazetteer.sweep(&mut Budget::pages(pages)).map_err(|error| error.to_string())?;
        let names = match gazetteer.places.index_state(Place::BY_NAME) {
            IndexState::Incomplete { done, .. } => done,
            _ => gazetteer.places.len(),
        };
        let done = progress.is_done();
        Ok(Progress { migrated: progress.migrated, old_pages: progress.old_pages, names, done })
    })
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
