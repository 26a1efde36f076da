//! The lines of the file with the places.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::interface::{NewPlace, Position};

/// A line with its numbers as text, because each version of the canister converts them in its own
/// way.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    lat: String,
    lon: String,
    /// Name of the place.
    pub name: String,
    /// Name of the state, canton, department …
    pub admin1: String,
    /// Name of the district.
    pub admin2: String,
    /// Two letters of the country.
    #[serde(rename = "cc")]
    pub country: String,
}

/// Reads the first lines of the file.
pub fn read(file: &Path, count: usize) -> Result<Vec<Row>> {
    let mut reader = csv::Reader::from_path(file)?;
    let rows = reader.deserialize().take(count).collect::<Result<_, _>>();
    rows.with_context(|| format!("cannot read {}", file.display()))
}

impl Row {
    /// Returns the place as it is sent.
    pub fn to_new(&self, id: u32) -> Result<NewPlace> {
        Ok(NewPlace {
            id,
            name: self.name.clone(),
            admin1: self.admin1.clone(),
            admin2: self.admin2.clone(),
            country: self.country.clone(),
            latitude: self.latitude()?,
            longitude: self.longitude()?,
        })
    }

    /// Returns the latitude in degrees.
    pub fn latitude(&self) -> Result<f64> {
        degrees(&self.lat)
    }

    /// Returns the longitude in degrees.
    pub fn longitude(&self) -> Result<f64> {
        degrees(&self.lon)
    }

    /// Returns the position in millionths of a degree, computed from the digits and not from a
    /// float.
    pub fn position(&self) -> Result<Position> {
        Ok(Position { latitude_e6: millionths(&self.lat)?, longitude_e6: millionths(&self.lon)? })
    }
}

fn degrees(text: &str) -> Result<f64> {
    text.parse().with_context(|| format!("`{text}` is not a number"))
}

/// Reads a number with at most six decimals.
///
/// # Errors
/// If the text is not such a number.
pub fn millionths(text: &str) -> Result<i32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction:0<6}");
    digits.parse().with_context(|| format!("`{text}` has more than six decimals"))
}
