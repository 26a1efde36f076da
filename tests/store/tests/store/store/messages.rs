//! The texts of errors, and the names of reasons in the documentation.

use std::collections::BTreeSet;
use std::error::Error as _;

use graven::{CursorFault, Damage, Error};
use graven_core::layout::Invalid;
use graven_core::page::PageNumber;

const SOURCE: &str = include_str!("../../../../../core/src/error/damage.rs");
const FORMAT: &str = include_str!("../../../../../docs/format.md");

/// Returns the texts and names of all variants of [`Damage`], from its source.
fn variants() -> Vec<(&'static str, &'static str)> {
    let lines: Vec<&str> = SOURCE.lines().map(str::trim).collect();
    let pairs = lines.windows(2).filter_map(|pair| {
        let text = pair[0].strip_prefix("#[error(\"")?.strip_suffix("\")]")?;
        Some((text, pair[1].trim_end_matches(',')))
    });
    pairs.collect()
}

#[test]
fn each_reason_of_damage_has_its_own_words() {
    let variants = variants();
    assert!(variants.len() > 50, "{} variants were found", variants.len());
    let texts: BTreeSet<&str> = variants.iter().map(|(text, _)| *text).collect();
    assert_eq!(texts.len(), variants.len(), "two reasons have the same words");
    for (text, name) in variants {
        assert!(!text.ends_with('.') && text.len() > 15, "{name}: {text}");
    }
}

#[test]
fn the_format_names_each_reason_of_damage() {
    let (_, section) = FORMAT.split_once("\n## 13.").unwrap();
    let (section, _) = section.split_once("\n## 14.").unwrap();
    for (_, name) in variants() {
        assert!(section.contains(&format!("`{name}`")), "section 13 does not name {name}");
    }
    assert!(section.contains("`InvalidValue`"));
}

#[test]
fn errors_say_where_why_and_what_to_do() {
    let error = |root: Option<&str>, reason| Error::Damaged {
        root: root.map(Into::into),
        page: PageNumber::new(17),
        reason,
    };
    assert_eq!(
        error(Some("users"), Damage::KeysOutOfOrder).to_string(),
        "page 17 of the root `users` is damaged: its keys are not in order; load a snapshot of the canister, or copy \
         what `try_` methods can still read"
    );
    assert_eq!(
        error(None, Damage::CatalogCount).to_string(),
        "page 17 of the store is damaged: the catalog lists more roots than fit; load a snapshot of the canister"
    );
    let error = Error::BadCursor { reason: CursorFault::Changed };
    assert_eq!(
        error.to_string(),
        "this cursor cannot be used: it was changed, or belongs to another collection; begin again without a cursor"
    );
}

#[test]
fn errors_keep_their_causes() {
    let invalid = Invalid("a bool is neither 0 nor 1");
    let error = Error::Damaged { root: None, page: PageNumber::new(3), reason: invalid.into() };
    let reason = error.source().and_then(|source| source.downcast_ref::<Damage>()).unwrap();
    assert_eq!(*reason, Damage::InvalidValue(invalid));
    assert_eq!(reason.source().and_then(|source| source.downcast_ref::<Invalid>()), Some(&invalid));
    let error = Error::BadCursor { reason: CursorFault::NoPosition };
    let reason = error.source().and_then(|source| source.downcast_ref::<CursorFault>());
    assert_eq!(reason, Some(&CursorFault::NoPosition));
}
