//! Sizes, colours and words that all pictures have in common.

use plotters::prelude::*;
use plotters::style::FontDesc;

use crate::contenders::Contender;
use crate::report;

/// Width and height of a picture.
pub const SIZE: (u32, u32) = (960, 480);
/// The most that is written at all.
const FONT: &str = "sans-serif";

/// Returns the colours of Okabe and Ito, which colour-blind people can tell apart; they differ in
/// brightness as well.
pub fn colour(contender: Contender) -> RGBColor {
    match contender {
        Contender::Graven => RGBColor(0, 114, 178),
        Contender::Uncached => RGBColor(86, 180, 233),
        Contender::ByHand => RGBColor(204, 121, 167),
        Contender::Iss => RGBColor(230, 159, 0),
        Contender::Ism => RGBColor(0, 158, 115),
        Contender::Heap => RGBColor(120, 120, 120),
    }
}

/// Returns a font of that height.
pub fn font(height: u32) -> FontDesc<'static> {
    (FONT, height).into_font()
}

/// Returns a number beside an axis or above a column: `950`, `1.2 k`, `45 M`.
pub fn number(number: f64) -> String {
    let short = |value: f64, unit: &str| {
        let text = if value < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") };
        format!("{}{unit}", text.trim_end_matches(".0"))
    };
    match number.abs() {
        size if size >= 999_500_000.0 => short(number / 1e9, " G"),
        size if size >= 999_500.0 => short(number / 1e6, " M"),
        size if size >= 9_999.5 => short(number / 1e3, " k"),
        size if size >= 9.95 => report::instructions(number.round()).trim_end_matches(".0").to_owned(),
        _ => short(number, ""),
    }
}
