//! A gazetteer, version 3: positions in whole microdegrees instead of floats.

#[path = "../../stats.rs"]
mod stats;

use std::collections::BTreeSet;
use std::ops::Bound;

use candid::CandidType;
use graven::key::{MAX_KEY_LEN, encode_key};
use graven::{BTreeMap, Budget, StableLayout};
use serde::Deserialize;
use stats::Stats;

/// A place, as it is stored.
#[derive(StableLayout)]
#[layout(version = 3, previous = PlaceV2)]
struct Place {
    name: String,
    admin1: String,
    admin2: String,
    country: String,
    position: Position,
    population: Option<u64>,
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
            name: old.name,
            admin1: old.admin1,
            admin2: old.admin2,
            country: old.country,
            position: Position::from_degrees(old.latitude, old.longitude),
            population: old.population,
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
            position: Position::from_degrees(new.latitude, new.longitude),
            population: None,
            tags: Vec::new(),
        }
    }
}

/// A place as clients see it: all that they know from version 2, and its position.
#[derive(CandidType)]
struct PlaceInfo {
    name: String,
    admin1: String,
    admin2: String,
    country: String,
    latitude: f64,
    longitude: f64,
    position: Position,
    population: Option<u64>,
    tags: Vec<String>,
}

impl From<Place> for PlaceInfo {
    fn from(place: Place) -> PlaceInfo {
        let (latitude, longitude) = place.position.degrees();
        PlaceInfo {
            name: place.name,
            admin1: place.admin1,
            admin2: place.admin2,
            country: place.country,
            latitude,
            longitude,
            position: place.position,
            population: place.population,
            tags: place.tags,
        }
    }
}

/// A place and its number.
#[derive(CandidType)]
struct Entry {
    id: u32,
    place: PlaceInfo,
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
fn place(id: u32) -> Option<PlaceInfo> {
    Gazetteer::with(|gazetteer| gazetteer.places.get(&id).map(PlaceInfo::from))
}

/// Places whose names begin with `prefix`, in the order of their names.
#[ic_cdk::query]
fn starts_with(prefix: String, limit: u32) -> Vec<Entry> {
    let prefix = prefix.to_lowercase();
    Gazetteer::with(|gazetteer| {
        let keys = gazetteer.names.range((prefix.clone(), 0)..).map(|(key, ())| key);
        keys.take_while(|(name, _)| name.starts_with(&prefix))
            .take(limit.min(MAX_ENTRIES) as usize)
            .filter_map(|(_, id)| Some(Entry { id, place: gazetteer.places.get(&id)?.into() }))
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
        let entries: Vec<Entry> = entries.map(|(id, place)| Entry { id, place: place.into() }).collect();
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

    #[test]
    fn any_float_becomes_a_position() {
        let cases = [
            (47.36667, 47_366_670),
            (-47.36667, -47_366_670),
            (0.000_000_5, 1),
            (-0.000_000_5, -1),
            (0.000_000_49, 0),
            (f64::NAN, 0),
            (1e300, i32::MAX),
            (f64::NEG_INFINITY, i32::MIN),
        ];
        for (degrees, expected) in cases {
            let position = Position::from_degrees(degrees, degrees);
            assert_eq!((position.latitude_e6, position.longitude_e6), (expected, expected), "{degrees}");
        }
    }
}
