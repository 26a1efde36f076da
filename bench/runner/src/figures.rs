//! The measured figures and the file that keeps them, results.csv.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::contenders::Contender;

/// Which figure: a workload, a contender, a number of entries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    /// Structure, operation and order, as in `btree-u64/get/random`.
    pub workload: String,
    /// Who did it.
    pub contender: Contender,
    /// Entries that were there, or that there are at the end.
    pub entries: u64,
}

/// The cost of one operation: all operations of a message divided by their number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure {
    /// Operations that were measured.
    pub operations: u64,
    /// Instructions, changed pages included.
    pub instructions: f64,
    /// Instructions without what is charged for changed pages.
    pub computing: f64,
    /// Stable pages of 4 KiB left written.
    pub stable_pages: f64,
    /// Heap pages of 4 KiB left changed.
    pub heap_pages: f64,
    /// Reads and writes of stable memory.
    pub accesses: f64,
    /// Bytes that these read and wrote.
    pub moved: f64,
    /// Bytes of stable memory in use for each entry, where that was looked at.
    pub bytes: Option<f64>,
}

/// All figures, and the compiler that built what was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// As the wasm says: `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub compiler: String,
    /// The figures.
    pub figures: BTreeMap<Id, Figure>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    workload: String,
    contender: String,
    entries: u64,
    operations: u64,
    instructions: String,
    computing: String,
    stable_pages: String,
    heap_pages: String,
    accesses: String,
    moved: String,
    bytes: String,
}

impl Results {
    /// One figure, if it was measured.
    #[must_use]
    pub fn get(&self, workload: &str, contender: Contender, entries: u64) -> Option<&Figure> {
        self.figures.get(&Id { workload: workload.into(), contender, entries })
    }

    /// Reads results.csv.
    ///
    /// # Errors
    /// Where it cannot be read, or is none.
    pub fn read(file: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("{} is damaged", file.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let (first, rows) = text.split_once('\n').context("it is empty")?;
        let compiler = first.strip_prefix("# ").context("it does not begin with the compiler")?.to_owned();
        let mut figures = BTreeMap::new();
        for row in csv::Reader::from_reader(rows.as_bytes()).deserialize() {
            let row: Row = row?;
            let contender = Contender::from_id(&row.contender).context("an unknown contender")?;
            let figure = Figure {
                operations: row.operations,
                instructions: row.instructions.parse()?,
                computing: row.computing.parse()?,
                stable_pages: row.stable_pages.parse()?,
                heap_pages: row.heap_pages.parse()?,
                accesses: row.accesses.parse()?,
                moved: row.moved.parse()?,
                bytes: Some(row.bytes).filter(|bytes| !bytes.is_empty()).map(|b| b.parse()).transpose()?,
            };
            let id = Id { workload: row.workload, contender, entries: row.entries };
            ensure!(figures.insert(id, figure).is_none(), "a figure is there twice");
        }
        Ok(Self { compiler, figures })
    }

    /// Returns the text of results.csv.
    ///
    /// # Errors
    /// None that are known.
    pub fn text(&self) -> Result<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for (id, figure) in &self.figures {
            writer.serialize(Row {
                workload: id.workload.clone(),
                contender: id.contender.id().into(),
                entries: id.entries,
                operations: figure.operations,
                instructions: format!("{:.1}", figure.instructions),
                computing: format!("{:.1}", figure.computing),
                stable_pages: format!("{:.4}", figure.stable_pages),
                heap_pages: format!("{:.4}", figure.heap_pages),
                accesses: format!("{:.3}", figure.accesses),
                moved: format!("{:.1}", figure.moved),
                bytes: figure.bytes.map(|bytes| format!("{bytes:.2}")).unwrap_or_default(),
            })?;
        }
        let mut text = String::new();
        writeln!(text, "# {}", self.compiler)?;
        text.push_str(std::str::from_utf8(&writer.into_inner()?)?);
        Ok(text)
    }

    /// Returns the figures rounded as results.csv stores them.
    ///
    /// # Errors
    /// None that are known.
    pub fn rounded(&self) -> Result<Self> {
        Self::parse(&self.text()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let id = Id { workload: "btree-u64/get/random".into(), contender: Contender::Iss, entries: 1_000 };
        let figure = Figure { operations: 7, instructions: 12.34, bytes: Some(16.0), ..Figure::default() };
        let results = Results { compiler: "rustc 1.95.0".into(), figures: [(id, figure)].into() };
        let read = results.rounded().unwrap();
        assert_eq!(read.compiler, "rustc 1.95.0");
        let figure = read.get("btree-u64/get/random", Contender::Iss, 1_000).unwrap();
        assert_eq!((figure.operations, figure.instructions, figure.bytes), (7, 12.3, Some(16.0)));
    }
}
