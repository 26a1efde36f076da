//! A canister on the testkit, and the places that it must have.

use anyhow::{Context, Result, bail, ensure};
use candid::CandidType;
use candid::utils::{ArgumentDecoder, ArgumentEncoder};
use graven_testkit::{Canister, Outcome};

use crate::interface::{Found, NewPlace, Page, Place, Progress, Stats};
use crate::rows::Row;

/// The number of places in one message.
pub const BATCH: usize = 1_000;

/// The largest message to a canister, in bytes.
const INGRESS_LIMIT: usize = 2 << 20;

/// A canister, and the places that were put into it.
#[derive(Clone)]
pub struct Gazetteer {
    /// The canister.
    pub canister: Canister,
    /// The places that must be in it.
    pub expected: Vec<Expected>,
}

/// A place as every version must return it, apart from fields that the version lacks.
#[derive(Clone)]
pub struct Expected {
    /// The line of the file.
    pub row: Row,
    /// Set by `describe`.
    pub population: Option<u64>,
    /// Set by `describe`, else version 2's default for older places.
    pub tags: Vec<String>,
}

impl Gazetteer {
    /// Installs a version of the canister.
    pub fn install(wasm: &[u8]) -> Result<Self> {
        let canister = Canister::install(wasm, ()).context("the canister cannot be installed")?;
        Ok(Self { canister, expected: Vec::new() })
    }

    /// Sends places in batches and returns the instructions of each. Calls `done` with the number
    /// of places so far.
    pub fn load(&mut self, rows: &[Row], mut done: impl FnMut(u64)) -> Result<Vec<u64>> {
        let mut instructions = Vec::new();
        for rows in rows.chunks(BATCH) {
            let first = self.expected.len() as u32;
            let batch = (first..).zip(rows).map(|(id, row)| row.to_new(id));
            let batch: Vec<NewPlace> = batch.collect::<Result<_>>()?;
            let message = candid::encode_one(&batch)?;
            ensure!(message.len() < INGRESS_LIMIT, "a batch of {} bytes is too large", message.len());
            let outcome = self.canister.update_raw("add", &message);
            instructions.push(outcome.instructions());
            let reply: Result<u64, String> = candid::decode_one(&outcome.result?)?;
            self.expected.extend(rows.iter().map(Expected::new));
            let count = reply.map_err(anyhow::Error::msg).context("a batch was refused")?;
            ensure!(count == self.expected.len() as u64, "{count} places after {}", self.expected.len());
            done(count);
        }
        Ok(instructions)
    }

    /// Replaces the code.
    pub fn upgrade(&mut self, wasm: &[u8]) -> Outcome<()> {
        self.canister.upgrade(wasm, ())
    }

    /// Writes the fields of a place that version 2 adds.
    pub fn describe(&mut self, id: u32, population: u64, tags: &[&str]) -> Result<u64> {
        let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
        let arguments = (id, Some(population), tags.clone());
        let outcome = self.canister.update::<_, (Result<(), String>,)>("describe", arguments);
        let instructions = outcome.instructions();
        outcome.result?.0.map_err(anyhow::Error::msg)?;
        let expected = self.expected.get_mut(id as usize).context("no such place")?;
        (expected.population, expected.tags) = (Some(population), tags);
        Ok(instructions)
    }

    /// Returns a place, and the instructions of the query.
    pub fn place(&mut self, id: u32) -> Result<(Place, u64)> {
        let (place, instructions) = self.query::<_, Option<Place>>("place", (id,))?;
        Ok((place.with_context(|| format!("place {id} is missing"))?, instructions))
    }

    /// Returns the instructions of a query for a place that does not exist.
    pub fn missing(&mut self, id: u32) -> Result<u64> {
        let (place, instructions) = self.query::<_, Option<Place>>("place", (id,))?;
        ensure!(place.is_none(), "place {id} is there");
        Ok(instructions)
    }

    /// Returns places after a number, and the instructions of the query.
    pub fn page(&mut self, after: Option<u32>, limit: u32) -> Result<(Page, u64)> {
        self.query("page", (after, limit))
    }

    /// Returns a page of places by the beginning of their name, and the instructions of the query.
    /// Its error is the canister's.
    pub fn starts_with(
        &mut self,
        prefix: &str,
        from: Option<Vec<u8>>,
        limit: u32,
    ) -> Result<(Result<Found, String>, u64)> {
        self.query("starts_with", (prefix, from, limit))
    }

    /// Returns the size of the store.
    pub fn stats(&mut self) -> Result<Stats> {
        Ok(self.query("stats", ())?.0)
    }

    /// Migrates pages to the newest layout. Returns the progress and the message's instructions.
    pub fn sweep(&mut self, pages: u64) -> Result<(Progress, u64)> {
        let outcome = self.canister.update::<_, (Result<Progress, String>,)>("sweep", (pages,));
        let instructions = outcome.instructions();
        Ok((outcome.result?.0.map_err(anyhow::Error::msg)?, instructions))
    }

    /// Reads all places page by page and compares each with its line of the file.
    pub fn compare_all(&mut self) -> Result<u64> {
        let (mut after, mut compared) = (None, 0);
        loop {
            let (page, _) = self.page(after, BATCH as u32)?;
            for place in &page.places {
                ensure!(u64::from(place.id) == compared, "place {compared} is missing");
                self.expected_at(place.id)?.compare(place.id, place)?;
                compared += 1;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        ensure!(compared == self.expected.len() as u64, "{compared} places of {}", self.expected.len());
        Ok(compared)
    }

    /// Reads all places by the beginning of their names, page by page, and compares them with the
    /// lines of the file that begin so. Returns their number.
    pub fn compare_named(&mut self, prefix: &str) -> Result<usize> {
        let named = self.expected.iter().zip(0u32..).map(|(place, id)| (place.row.name.to_lowercase(), id));
        let mut expected: Vec<(String, u32)> = named.filter(|(name, _)| name.starts_with(prefix)).collect();
        expected.sort();
        let (mut from, mut found) = (None, Vec::new());
        loop {
            let page = self.starts_with(prefix, from, BATCH as u32)?.0.map_err(anyhow::Error::msg)?;
            found.extend(page.places.into_iter().map(|place| (place.name.to_lowercase(), place.id)));
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        ensure!(found == expected, "the index has other places than the file for `{prefix}`");
        Ok(found.len())
    }

    /// Returns the place as it must be.
    pub fn expected_at(&self, id: u32) -> Result<&Expected> {
        self.expected.get(id as usize).with_context(|| format!("place {id} was never added"))
    }

    fn query<A, R>(&mut self, method: &str, arguments: A) -> Result<(R, u64)>
    where
        A: ArgumentEncoder,
        R: CandidType + for<'de> candid::Deserialize<'de>,
        (R,): for<'de> ArgumentDecoder<'de>,
    {
        let outcome = self.canister.query::<A, (R,)>(method, arguments);
        let instructions = outcome.instructions();
        Ok((outcome.result?.0, instructions))
    }
}

impl Expected {
    fn new(row: &Row) -> Self {
        Self { row: row.clone(), population: None, tags: vec!["untagged".into()] }
    }

    /// Compares the place with what was read. Fields that the version lacks are not compared.
    pub fn compare(&self, id: u32, place: &Place) -> Result<()> {
        let row = &self.row;
        let position = place.position.unwrap_or(row.position()?);
        let same = place.id == id
            && place.name == row.name
            && place.admin1 == row.admin1
            && place.admin2 == row.admin2
            && place.country == row.country
            && place.latitude == row.latitude()?
            && place.longitude == row.longitude()?
            && position == row.position()?
            && place.population == self.population
            && place.tags.as_ref().is_none_or(|tags| *tags == self.tags);
        if !same {
            bail!("place {id} is not what was written:\n  expected {row:?}\n  found    {place:?}");
        }
        Ok(())
    }
}
