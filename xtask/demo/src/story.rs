//! The story, in order.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use graven_testkit::{Canister, Outcome};

use crate::gazetteer::{BATCH, Gazetteer};
use crate::interface::{Place, Stats};
use crate::proofs::Proofs;
use crate::rows::Row;
use crate::show::{self, number};
use xtask::say;

/// The most instructions of an upgrade, however much is stored; that to version 3 creates an index.
const MAX_UPGRADE: u64 = 250_000;

/// The number of places of the other canister, whose upgrades must cost the same.
const FEW: usize = 1_000;

/// The number of pages that each message of the sweep migrates.
const SWEEP: u64 = 500;

/// Names of well-known places, which are looked up if they are loaded.
const SAMPLES: [&str; 4] = ["Bern", "Zurich", "Kyoto", "Nairobi"];

/// A canister with all places, one with few, and the proofs so far.
struct Story {
    many: Gazetteer,
    few: Gazetteer,
    samples: Vec<u32>,
    proofs: Proofs,
    began: Instant,
    loading: Vec<u64>,
}

/// Tells the whole story, and lets `look` see the memory at its end. Returns `false` if a proof
/// failed.
pub fn tell(
    versions: &[Vec<u8>; 4],
    rows: &[Row],
    look: impl FnOnce(&[u8], &mut Proofs) -> Result<()>,
) -> Result<bool> {
    let [v1, v2, v3, v4] = versions;
    let mut story = Story::begin(v1, rows)?;
    story.look_ups()?;
    story.upgrade("Upgrade to version 2: a population and tags are added", v2)?;
    story.old_and_new_records()?;
    story.upgrade("Upgrade to version 3: floats become whole microdegrees, names get an index", v3)?;
    story.samples("Older records, read by version 3")?;
    story.compare("all places, compared with the file page by page");
    story.before_the_index()?;
    story.sweep()?;
    story.refuse(v4)?;
    look(&story.many.canister.stable_image(), &mut story.proofs)?;
    Ok(story.summary())
}

impl Story {
    /// Installs version 1 twice and loads it.
    fn begin(v1: &[u8], rows: &[Row]) -> Result<Self> {
        let began = Instant::now();
        show::headline("Version 1: names and positions");
        let mut few = Gazetteer::install(v1)?;
        few.load(&rows[..FEW.min(rows.len())], |_| ())?;
        let mut many = Gazetteer::install(v1)?;
        let mut bar = show::Loading::new(rows.len() as u64);
        let loading = many.load(rows, |count| bar.done(count))?;
        let time = say::duration(began.elapsed());
        let batches = format!("in {} messages of {}, {time}", number(loading.len()), number(BATCH));
        show::noted("places loaded", &number(rows.len()), &batches);
        let of = |name: &str| rows.iter().position(|row| row.name == name).map(|at| at as u32);
        let mut samples: Vec<u32> = SAMPLES.iter().filter_map(|name| of(name)).collect();
        if samples.is_empty() {
            samples.push(0);
        }
        let mut story = Self { many, few, samples, proofs: Proofs::default(), began, loading };
        story.size()?;
        Ok(story)
    }

    fn places(&self) -> u64 {
        self.many.expected.len() as u64
    }

    fn size(&mut self) -> Result<()> {
        let (stats, places) = (self.many.stats()?, self.places());
        let encoded: u64 = stats.roots.iter().map(|root| root.bytes).sum();
        let used = u64::from(stats.pages - stats.free_pages) * 4096;
        let each = |bytes: u64| format!("{} for each place", number(bytes.div_ceil(places)));
        show::noted("bytes of keys and values", &number(encoded), &each(encoded));
        show::noted("bytes of stable memory", &number(used), &each(used));
        Ok(())
    }

    /// Shows the instructions of queries.
    fn look_ups(&mut self) -> Result<()> {
        show::columns("A message to version 1", &["instructions"]);
        let insert = self.loading.iter().sum::<u64>() / self.places();
        show::noted("add: each place of a batch", &number(insert), "");
        let id = self.samples[0];
        let (place, instructions) = self.many.place(id)?;
        show::noted(&format!("place({id})"), &number(instructions), &line(&place));
        let nowhere = u32::MAX;
        let instructions = self.many.missing(nowhere)?;
        show::noted(&format!("place({nowhere})"), &number(instructions), "none: what candid costs by itself");
        let (page, instructions) = self.many.page(Some(id), 100)?;
        let note = format!("{} places", page.places.len());
        show::noted(&format!("page({id}, 100)"), &number(instructions), &note);
        Ok(())
    }

    /// Upgrades both canisters and compares the instructions.
    fn upgrade(&mut self, title: &str, wasm: &[u8]) -> Result<()> {
        show::headline(title);
        let before = self.many.stats()?;
        let (many, few) = (self.many.upgrade(wasm), self.few.upgrade(wasm));
        many.result.clone().context("the upgrade failed")?;
        few.result.clone().context("the upgrade of the small canister failed")?;
        let count = |gazetteer: &Gazetteer| format!("{} places", number(gazetteer.expected.len()));
        show::columns("The upgrade", &[&count(&self.many), &count(&self.few)]);
        let row = |label: &str, value: fn(&Outcome<()>) -> u64| {
            show::row(label, &[&number(value(&many)), &number(value(&few))]);
        };
        row("instructions", Outcome::instructions);
        row("stable bytes read", |outcome| outcome.usage.stable.bytes_read);
        row("stable bytes written", |outcome| outcome.usage.stable.bytes_written);
        row("stable pages of 4 KiB changed", |outcome| outcome.usage.stable_pages);
        let after = self.many.stats()?;
        layouts(&[("before the upgrade", &before), ("after the upgrade", &after)]);
        println!();
        let (many, few) = (many.instructions(), few.instructions());
        let (most, bar) = (many.max(few), number(MAX_UPGRADE));
        let bar = format!("{} instructions, at most {bar} are allowed", number(most));
        self.proofs.check(&bar, most <= MAX_UPGRADE);
        let same =
            format!("the same instructions with {} as with {}, ±1 %", count(&self.many), count(&self.few));
        self.proofs.check(&same, many.abs_diff(few) * 100 <= few);
        Ok(())
    }

    /// Reads records of version 1 and writes one of version 2 beside them.
    fn old_and_new_records(&mut self) -> Result<()> {
        self.samples("Old records, read by version 2")?;
        let id = self.samples[0];
        let before = self.many.stats()?;
        let instructions = self.many.describe(id, 137_980, &["capital", "old town"])?;
        self.few.describe(0, 1, &["first"])?;
        let after = self.many.stats()?;
        show::columns("A record written by version 2", &["instructions"]);
        let call = format!("describe({id}, 137,980, …)");
        show::noted(&call, &number(instructions), &line(&self.many.place(id)?.0));
        layouts(&[("before it", &before), ("after it", &after)]);
        Ok(())
    }

    fn samples(&mut self, title: &str) -> Result<()> {
        show::columns(title, &["instructions"]);
        let mut all = Vec::new();
        for id in self.samples.clone() {
            let (place, instructions) = self.many.place(id)?;
            show::noted(&format!("place({id})"), &number(instructions), &line(&place));
            all.push(self.many.expected_at(id)?.compare(id, &place));
        }
        println!();
        self.proofs.check_result("they are what was written", all.into_iter().collect::<Result<Vec<()>>>());
        Ok(())
    }

    fn compare(&mut self, what: &str) {
        let result = self.many.compare_all();
        self.proofs.check_result(&format!("{what}: {}", number(self.places())), result);
    }

    /// Shows what the query by name replies until the sweep has made its index.
    fn before_the_index(&mut self) -> Result<()> {
        let (found, instructions) = self.many.starts_with("", None, 10)?;
        show::columns("A query by name, whose index is new", &["instructions"]);
        show::noted("starts_with(\"\", 10)", &number(instructions), "which replies:");
        println!();
        let text = found.as_ref().err().map_or("", String::as_str);
        show::quote(text);
        println!();
        self.proofs.check("the index waits for the sweep, and everything else answers", found.is_err());
        Ok(())
    }

    /// Shows a query by name, and compares the whole index.
    fn by_name(&mut self) -> Result<()> {
        show::columns("A query by name, after the sweep", &["instructions"]);
        let name = &self.many.expected_at(self.samples[0])?.row.name;
        let prefix: String = name.chars().take(3).collect();
        let (found, instructions) = self.many.starts_with(&prefix, None, 10)?;
        let found = found.map_err(anyhow::Error::msg)?;
        let names: Vec<&str> = found.places.iter().map(|place| place.name.as_str()).collect();
        show::noted(&format!("starts_with(\"{prefix}\", 10)"), &number(instructions), &short(&names));
        println!();
        let compared = self.many.compare_named("");
        let what = format!("all names in their order, compared page by page: {}", number(self.places()));
        self.proofs.check_result(&what, compared);
        Ok(())
    }

    /// Migrates all pages to version 3 and makes the index of names, a few pages in each message.
    fn sweep(&mut self) -> Result<()> {
        show::headline(&format!("Sweep: at most {} pages in each message", number(SWEEP)));
        let before = self.many.stats()?;
        show::columns("A message to version 3", &["instructions", "pages swept", "pages left", "names"]);
        for message in 1.. {
            let (progress, instructions) = self.many.sweep(SWEEP)?;
            let (migrated, left) = (number(progress.migrated), number(progress.old_pages));
            let names = progress.names.context("version 3 counts names")?;
            show::row(
                &format!("sweep {message}"),
                &[&number(instructions), &migrated, &left, &number(names)],
            );
            if progress.done == Some(true) {
                break;
            }
            ensure!(progress.migrated > 0, "the sweep does not continue");
        }
        let after = self.many.stats()?;
        layouts(&[("before the sweep", &before), ("after the sweep", &after)]);
        self.size()?;
        self.samples("The same records, after the sweep")?;
        let old = after
            .by_version("places")
            .into_iter()
            .filter(|(version, _)| *version < 3)
            .map(|(_, pages)| pages);
        self.proofs.check("no page is in an older layout", old.sum::<u32>() == 0);
        self.compare("all places, compared with the file again");
        self.by_name()
    }

    /// Upgrades to version 4, which must be refused and change nothing.
    fn refuse(&mut self, v4: &[u8]) -> Result<()> {
        show::headline("Upgrade to version 4: changes that nobody declared");
        let before = self.many.canister.stable_image();
        let outcome = self.many.upgrade(v4);
        show::noted("instructions", &number(outcome.instructions()), "until it was refused:");
        let text = outcome.result.as_ref().err().map(|reject| reject.message.clone()).unwrap_or_default();
        println!();
        show::quote(&text);
        println!();
        self.proofs.check("the upgrade is refused", outcome.result.is_err());
        self.proofs
            .check("stable memory is the same to the byte", self.many.canister.stable_image() == before);
        let id = *self.samples.last().context("no samples")?;
        let written = self.many.describe(id, 4_397_000, &["still", "version", "3"]);
        self.proofs.check_result("version 3 of the canister still answers and writes", written);
        self.compare("all places, compared with the file once more");
        Ok(())
    }

    fn summary(&mut self) -> bool {
        show::headline("Summary");
        show::noted("time after building", &say::duration(self.began.elapsed()), "");
        let stable = Canister::stable_size_pages(&self.many.canister) * 65_536;
        show::noted("bytes of stable memory, free ones too", &number(stable), "");
        self.proofs.summary()
    }
}

/// Prints the number of pages of the root `places` in each version.
fn layouts(states: &[(&str, &Stats)]) {
    let newest = states.iter().flat_map(|(_, stats)| stats.by_version("places")).map(|(version, _)| version);
    let newest = newest.max().unwrap_or(1);
    let versions: Vec<String> = (1..=newest).map(|version| format!("version {version}")).collect();
    let columns: Vec<&str> = versions.iter().map(String::as_str).collect();
    show::columns("Pages with places, by layout", &columns);
    for (label, stats) in states {
        let pages = stats.by_version("places");
        let of = |version| pages.iter().find(|(found, _)| *found == version);
        let values: Vec<String> =
            (1..=newest).map(|version| of(version).map_or("-".into(), |(_, pages)| number(*pages))).collect();
        let values: Vec<&dyn std::fmt::Display> = values.iter().map(|value| value as _).collect();
        show::row(label, &values);
    }
}

/// Returns a place in one line, without the fields that its version lacks.
fn line(place: &Place) -> String {
    let mut parts = vec![format!("{}, {}", place.name, place.country)];
    match place.position {
        Some(position) => {
            parts.push(format!("{} {} microdegrees", position.latitude_e6, position.longitude_e6));
        }
        None => parts.push(format!("{}° {}°", place.latitude, place.longitude)),
    }
    parts.extend(place.population.map(|people| format!("{} people", number(people))));
    parts.extend(place.tags.as_ref().map(|tags| format!("tags {tags:?}")));
    parts.join(", ")
}

/// Returns the first names.
fn short(names: &[&str]) -> String {
    let shown = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{} places: {shown} …", names.len()) } else { shown }
}
