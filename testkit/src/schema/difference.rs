//! In what two images differ, for people: the first bytes, and the roots that are others.

use std::fmt;

use graven_core::page::PAGE_SIZE;
use graven_core::store::{InspectedRoot, inspect};

use super::Image;

/// Bytes that are shown in a row.
const ROW: usize = 16;

/// The differences of an image from the one that was expected.
pub(super) struct Difference {
    /// Pages of 4 KiB that are not the same.
    pages: usize,
    /// Offset of the first row with a difference.
    at: usize,
    expected: Option<Vec<u8>>,
    found: Option<Vec<u8>>,
    /// Roots that only the expected image has in this form.
    expected_roots: Vec<String>,
    found_roots: Vec<String>,
}

impl Difference {
    /// Nothing if there is none.
    pub(super) fn between(expected: &Image, found: &Image) -> Option<Difference> {
        let (a, b) = (expected.bytes(), found.bytes());
        let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        if same == a.len() && same == b.len() {
            return None;
        }
        let at = same - same % ROW;
        let row = |bytes: &[u8]| bytes.get(at..at + ROW).map(<[u8]>::to_vec);
        let end = a.len().max(b.len());
        let differs = |at: &usize| a.get(*at..at + PAGE_SIZE) != b.get(*at..at + PAGE_SIZE);
        let pages = (0..end).step_by(PAGE_SIZE).filter(differs).count();
        let (was, is) = (roots(expected), roots(found));
        let only = |these: &[String], those: &[String]| {
            these.iter().filter(|root| !those.contains(root)).cloned().collect()
        };
        Some(Difference {
            pages,
            at,
            expected: row(a),
            found: row(b),
            expected_roots: only(&was, &is),
            found_roots: only(&is, &was),
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.pages == 1 { "" } else { "s" };
        writeln!(f, "{} page{plural} of 4 KiB differ, first here (page:offset bytes)", self.pages)?;
        let (page, offset) = (self.at / PAGE_SIZE, self.at % PAGE_SIZE);
        for (word, row) in [("expected", &self.expected), ("found   ", &self.found)] {
            write!(f, "  {word} {page}:{offset:03x}")?;
            match row {
                Some(row) => row.iter().try_for_each(|byte| write!(f, " {byte:02x}"))?,
                None => f.write_str(" nothing, the memory ends before")?,
            }
            writeln!(f)?;
        }
        let expected = self.expected_roots.iter().map(|root| ("expected", root));
        let found = self.found_roots.iter().map(|root| ("found   ", root));
        expected.chain(found).try_for_each(|(word, root)| writeln!(f, "  {word} {root}"))
    }
}

/// The roots in words, as far as the image is a store.
fn roots(image: &Image) -> Vec<String> {
    inspect(image.memory()).unwrap_or_default().iter().map(describe).collect()
}

fn describe(root: &InspectedRoot) -> String {
    let count =
        |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut text = format!("{}, {}", root.declaration(), count(root.entries, "entry", "entries"));
    for layout in &root.layouts {
        let version = layout.layout.version().map_or(String::new(), |version| format!(" v{version}"));
        let pages = count(layout.pages.into(), "page", "pages");
        text.push_str(&format!(", {pages} of {}{version}", layout.layout));
    }
    text
}
