//! Values of any layout as text: as JSON, as candid text, and from what people type.

mod candid;
mod json;
mod parse;

pub(crate) use candid::{named, to_candid};
pub(crate) use json::Json;
pub(crate) use parse::parse;

/// Returns bytes as text: `0x` and two digits for each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("0x");
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Returns `true` if the names of fields are those of a tuple: 0, 1, and so on.
fn is_tuple<T>(fields: &[(String, T)]) -> bool {
    fields.iter().zip(0_usize..).all(|((name, _), number)| name.parse() == Ok(number))
}
