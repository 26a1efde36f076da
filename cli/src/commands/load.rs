//! `cargo graven load` makes an image from the entries of one collection.

mod file;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use clap::Args;
use graven_collections::stored::{LoadError, Loader, Value};
use graven_core::Memory as _;
use graven_core::layout::stored::OwnedLayout;
use graven_core::store::section::Declared;

use crate::failure::Failure;
use crate::input::{Input, Within};
use crate::screen::{self, count, line};
use crate::values::from_json;
use file::NewFile;

const EXAMPLES: &str = "\
Examples:
  cargo graven dump snapshot/ users > users.jsonl
  cargo graven load - users users.jsonl --wasm forum.wasm -o test_data.bin
  cargo graven load snapshot/ users users.jsonl --wasm forum.wasm -o restored.bin";

/// Make a new image from the entries of a collection, as lines of JSON that `dump` prints.
///
/// The other collections of the image are kept, as an upgrade to the wasm would keep them, or the
/// new image has no others. Values get the current layout of the wasm. Any collection can be
/// loaded. Indexes cannot: the sweep of the canister makes those of a table from its rows.
/// Exit codes: 0 the image is made, 2 it is not.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Load {
    /// The image whose other collections are kept, as for the other commands. It is only read. `-`
    /// for none.
    #[arg(value_name = "IMAGE")]
    image: PathBuf,
    #[command(flatten)]
    within: Within,
    /// The name of the collection. Its entries in the image are left out.
    #[arg(value_name = "ROOT")]
    root: String,
    /// The entries, each a line of JSON; `-` for the standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The code whose layouts the new image has.
    #[arg(long, value_name = "NEW.wasm")]
    wasm: PathBuf,
    /// The new image. A file that exists is not overwritten.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

impl Load {
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let declared = crate::wasm::read(&self.wasm)?.declared;
        let old = match self.image == Path::new("-") {
            true => None,
            false => Some(Input::open(&self.image, &self.within)?),
        };
        let mut lines = reader(&self.file)?;
        let failed = |error| Failure::Write(self.output.clone(), error);
        let file = Rc::new(NewFile::create(&self.output).map_err(failed)?);
        let loaded = self.load(&file, old.as_ref(), &declared, &mut *lines);
        let written = file.finish().map_err(failed);
        let entries = loaded.and_then(|entries| written.map(|()| entries)).inspect_err(|_| {
            // The first error counts.
            let _ = fs::remove_file(&self.output);
        })?;
        let (output, entries) = (self.output.display(), count(entries, "entry", "entries"));
        screen::print(&format!("{output}: {entries} in {}\n", line(&self.root)))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes the new image. Returns the number of entries.
    fn load(
        &self,
        file: &Rc<NewFile>,
        old: Option<&Input>,
        declared: &Declared,
        lines: &mut dyn BufRead,
    ) -> Result<u64, Failure> {
        if let Some(old) = old {
            copy(old, file).map_err(|error| Failure::Write(self.output.clone(), error))?;
            old.check()?;
        }
        let opened = Loader::open(file.clone(), declared, &self.root);
        let mut loader = opened.map_err(|why| match why {
            LoadError::UnknownRoot(_) => Failure::Words(unknown(&self.root, declared)),
            LoadError::Store(error) => Failure::Image(self.image.clone(), error),
            other => Failure::Words(format!("`{}`: {other}", line(&self.root))),
        })?;
        let mut number = 0;
        let mut text = String::new();
        loop {
            text.clear();
            if lines.read_line(&mut text).map_err(Failure::read(&self.file))? == 0 {
                break;
            }
            number += 1;
            let said = |why: String| Failure::Words(format!("{}, line {number}: {why}", self.file.display()));
            let entry = parsed(&loader.forms(), &text).map_err(said)?;
            loader.add(&entry).map_err(|why| said(line(&why.to_string())))?;
        }
        loader.finish().map_err(|why| Failure::Words(why.to_string()))?;
        Ok(number)
    }
}

fn reader(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(File::open(path).map_err(Failure::read(path))?)))
}

/// Copies a memory into a new file. Zeros become holes.
fn copy(old: &Input, file: &NewFile) -> std::io::Result<()> {
    const PIECE: u64 = 1 << 20;
    let len = old.size().saturating_mul(65_536);
    file.grow_to(len)?;
    let (mut at, mut piece) = (0, vec![0; PIECE as usize]);
    while at < len {
        piece.truncate(usize::try_from(len - at).unwrap_or(usize::MAX));
        old.read(at, &mut piece);
        if piece.iter().any(|byte| *byte != 0) {
            file.put(at, &piece)?;
        }
        at += piece.len() as u64;
    }
    Ok(())
}

/// The parts of entries, with their layouts.
type Form<'a> = Vec<(&'static str, &'a OwnedLayout)>;

/// Reads an entry in one of these forms from an object.
fn parsed(forms: &[Form<'_>], text: &str) -> Result<Vec<(&'static str, Value)>, String> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|error| format!("it is no object of JSON: {error}"))?;
    // `dump --versions` adds the layout.
    let has = |form: &Form<'_>, name: &str| name == "layout" || form.iter().any(|(part, _)| *part == name);
    let unknown = |form: &Form<'_>| object.keys().find(|name| !has(form, name)).cloned();
    let Some(form) = forms.iter().find(|form| unknown(form).is_none()) else {
        let other = forms.last().and_then(unknown).unwrap_or_default();
        return Err(format!("entries of this collection have no `{}`", line(&other)));
    };
    let value = |(name, layout): &(&'static str, &OwnedLayout)| {
        let found = object.get(*name).ok_or_else(|| format!("it has no `{name}`"))?;
        let value = from_json(layout, found).ok_or_else(|| wrong(name, layout))?;
        Ok((*name, value))
    };
    form.iter().map(value).collect()
}

fn wrong(part: &str, layout: &OwnedLayout) -> String {
    let described = super::rows::described(layout);
    match layout.version() {
        Some(version) if version > 1 => format!(
            "its `{part}` is no {described}; entries of previous versions have to be swept before the dump"
        ),
        _ => format!("its `{part}` is no {described}"),
    }
}

fn unknown(root: &str, declared: &Declared) -> String {
    let names: Vec<String> = declared.roots.iter().map(|spec| line(spec.name)).collect();
    format!("the wasm has no root `{}`: it has {}", line(root), names.join(", "))
}
