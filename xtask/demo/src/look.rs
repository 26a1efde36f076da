//! A look at the image of a canister's memory, with the commands of `cargo graven`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

use crate::proofs::Proofs;
use crate::rows::Row;
use crate::show;

/// The fields of a place in the order of the file's columns, as version 3 stores them.
pub const FIELDS: [&str; 6] =
    ["position.latitude_e6", "position.longitude_e6", "name", "admin1", "admin2", "country"];

/// The lines of a command's output that are shown.
const SHOWN: usize = 24;

/// The program `cargo-graven`, and an image in a folder for its files.
pub struct Look<'a> {
    /// The program.
    pub graven: &'a Path,
    /// The image.
    pub image: PathBuf,
    /// A version of the code that its memory refuses.
    pub refused: &'a Path,
}

impl Look<'_> {
    /// Looks at the image with each command.
    pub fn tell(&self, rows: &[Row], proofs: &mut Proofs) -> Result<()> {
        show::headline("A look at the memory, without the program that wrote it");
        let image = self.image.display().to_string();
        let inspected = self.show(&["inspect", &image])?;
        proofs.check("inspect reads the image", inspected.status.success());
        let verified = self.show(&["verify", &image])?;
        proofs.check("verify finds every page, place and index entry whole", verified.status.success());
        let mut words = vec!["dump", &image, "places", "--format", "csv"];
        words.extend(FIELDS.iter().flat_map(|field| ["--field", field]));
        let dumped = self.run(&words)?;
        let compared = compare(&dumped.stdout, rows);
        proofs.check_result("dump has the lines of the file, in their order", compared);
        let refused = self.refused.display().to_string();
        let rehearsed = self.show(&["rehearse", &image, &refused])?;
        let is_refused = rehearsed.status.code() == Some(1);
        proofs.check("a rehearsal of version 4 is refused, and nothing was installed", is_refused);
        self.page(&image, proofs)
    }

    /// Makes the page with a picture of the memory, if the program can.
    fn page(&self, image: &str, proofs: &mut Proofs) -> Result<()> {
        let help = self.run(&["inspect", "--help"])?;
        if !String::from_utf8_lossy(&help.stdout).contains("--html") {
            return Ok(());
        }
        let page = self.image.with_extension("html");
        let made = self.run(&["inspect", image, "--html", &page.display().to_string()])?;
        proofs.check("inspect makes a page with a picture of the memory", made.status.success());
        show::text(&format!("the page: {}", page.display()));
        Ok(())
    }

    fn run(&self, words: &[&str]) -> Result<Output> {
        let output = Command::new(self.graven).arg("graven").args(words).output();
        output.with_context(|| format!("cannot start {}", self.graven.display()))
    }

    /// Runs a command and shows the beginning of what it prints.
    fn show(&self, words: &[&str]) -> Result<Output> {
        let output = self.run(words)?;
        let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let shown: Vec<String> = words.iter().map(|word| short(word)).collect();
        show::columns(&format!("cargo graven {}", shown.join(" ")), &[]);
        let lines: Vec<&str> = out.trim_end().lines().chain(error.trim_end().lines()).collect();
        show::quote(&lines[..lines.len().min(SHOWN)].join("\n"));
        if lines.len() > SHOWN {
            show::quote(&format!("and {} more lines", lines.len() - SHOWN));
        }
        println!();
        Ok(output)
    }
}

/// Returns the name of a file, or the word itself.
fn short(word: &str) -> String {
    let name = Path::new(word).file_name().filter(|_| Path::new(word).is_absolute());
    name.map_or_else(|| word.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Writes an image to a file in a folder of its own.
pub fn write(image: &[u8], folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let file = folder.join("gazetteer.bin");
    fs::write(&file, image).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// Compares what `dump` prints for [`FIELDS`] as CSV with the lines of the file. Returns their
/// number.
pub fn compare(dumped: &[u8], rows: &[Row]) -> Result<usize> {
    let mut reader = csv::Reader::from_reader(dumped);
    ensure!(reader.headers()?.iter().eq(FIELDS), "other columns: {:?}", reader.headers()?);
    let mut lines = reader.records();
    for (row, id) in rows.iter().zip(0..) {
        let found = lines.next().with_context(|| format!("place {id} is missing"))??;
        let position = row.position()?;
        let (latitude, longitude) = (position.latitude_e6.to_string(), position.longitude_e6.to_string());
        let expected = [&latitude, &longitude, &row.name, &row.admin1, &row.admin2, &row.country];
        ensure!(found.iter().eq(expected), "place {id} is {found:?} instead of {row:?}");
    }
    ensure!(lines.next().is_none(), "there are more places than lines");
    Ok(rows.len())
}
