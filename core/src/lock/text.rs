//! Compares layouts with the lock's text in `const`. Only the compiler knows the types of fields,
//! so the derive lets it compare them.

#![expect(
    clippy::indexing_slicing,
    reason = "constant evaluation has no iterators, and the code's own types are not read from memory"
)]

use crate::layout::Layout;

/// Returns `true` if the lock writes a layout as `text`, as in `Vec<(u64, Address)>`.
#[must_use]
pub const fn is_written(layout: &Layout, text: &str) -> bool {
    let mut text = Text { bytes: text.as_bytes(), at: 0, same: true };
    write(layout, &mut text);
    text.same && text.at == text.bytes.len()
}

/// A text that is compared byte by byte.
struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
    same: bool,
}

impl Text<'_> {
    const fn string(&mut self, string: &str) {
        let bytes = string.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            self.byte(bytes[i]);
            i += 1;
        }
    }

    const fn byte(&mut self, byte: u8) {
        self.same = self.same && self.at < self.bytes.len() && self.bytes[self.at] == byte;
        self.at += 1;
    }

    const fn number(&mut self, number: u32) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    const fn sized(&mut self, name: &str, size: u32) {
        self.string(name);
        self.number(size);
        self.byte(b'>');
    }

    const fn wrapper(&mut self, name: &str, inner: &Layout) {
        self.string(name);
        write(inner, self);
        self.byte(b'>');
    }
}

/// Compares the text with a layout as `OwnedLayout` displays it.
const fn write(layout: &Layout, text: &mut Text<'_>) {
    match layout {
        Layout::Prim(prim) => text.string(prim.name()),
        Layout::NonZero(prim) => {
            text.string("NonZero<");
            text.string(prim.name());
            text.byte(b'>');
        }
        Layout::String => text.string("String"),
        Layout::Principal => text.string("Principal"),
        Layout::Duration => text.string("Duration"),
        Layout::Blob(max) => text.sized("Blob<", *max),
        Layout::Text(max) => text.sized("Text<", *max),
        Layout::Option(inner) => text.wrapper("Option<", inner),
        Layout::Vec(inner) => text.wrapper("Vec<", inner),
        Layout::Reverse(inner) => text.wrapper("Reverse<", inner),
        Layout::Result(ok, err) => {
            text.string("Result<");
            write(ok, text);
            text.string(", ");
            write(err, text);
            text.byte(b'>');
        }
        Layout::Array(inner, len) => {
            text.byte(b'[');
            write(inner, text);
            text.string("; ");
            text.number(*len);
            text.byte(b']');
        }
        Layout::Tuple(parts) => tuple(parts, text),
        Layout::Struct { name, .. } | Layout::Enum { name, .. } => text.string(name),
        Layout::Opaque { codec } => {
            text.string(codec);
            text.string(" bytes");
        }
    }
}

const fn tuple(parts: &[&Layout], text: &mut Text<'_>) {
    text.byte(b'(');
    let mut i = 0;
    while i < parts.len() {
        if i > 0 {
            text.string(", ");
        }
        write(parts[i], text);
        i += 1;
    }
    text.string(if parts.len() == 1 { ",)" } else { ")" });
}

#[cfg(test)]
mod tests {
    use super::is_written;
    use crate::layout::stored::OwnedLayout;
    use crate::layout::{Blob, Layout, StableLayout, Text};

    #[test]
    fn const_text_is_what_is_displayed() {
        let layouts: [&Layout; 10] = [
            <Vec<(u64, String)>>::LAYOUT,
            <Option<core::num::NonZeroU8>>::LAYOUT,
            <Result<(), (bool,)>>::LAYOUT,
            <[Blob<300>; 1204]>::LAYOUT,
            <Text<7>>::LAYOUT,
            <core::time::Duration>::LAYOUT,
            &Layout::Principal,
            &Layout::Reverse(&Layout::String),
            &Layout::Opaque { codec: "cbor" },
            &Layout::Struct { name: "User", version: 3, fields: &[] },
        ];
        for layout in layouts {
            let text = OwnedLayout::from(layout).to_string();
            assert!(is_written(layout, &text), "{text}");
            assert!(!is_written(layout, text.split_at(1).1));
            assert!(!is_written(layout, text.split_at(text.len() - 1).0));
            assert!(!is_written(layout, &format!("{text} ")));
        }
    }
}
