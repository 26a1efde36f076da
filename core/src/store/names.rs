//! The names of roots: their comparison, and which of them a store can hold.

use super::RootSpec;
use super::catalog::MAX_ROOTS;
use crate::error::{Error, Result};

/// Returns `true` if two names are the same. Each name is compared with every other one, so a loop
/// over bytes would take most of the time of opening.
pub(super) fn is_same_name(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ((a, a_rest), (b, b_rest)) = (a.as_bytes().as_chunks::<8>(), b.as_bytes().as_chunks::<8>());
    // Names differ more often at their ends.
    a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
        && a.iter().zip(b).all(|(a, b)| u64::from_le_bytes(*a) == u64::from_le_bytes(*b))
}

/// Returns `false` if no two roots have the same name. Comparing each name with all others costs as
/// much as opening the roots where they are many.
fn has_equal_marks(specs: &[RootSpec]) -> bool {
    let mut marks: Vec<u64> = specs.iter().map(|spec| mark(spec.name)).collect();
    marks.sort_unstable();
    marks.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// Returns a number that two names share rarely unless they are the same.
fn mark(name: &str) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let mix = |mark: u64, word: &[u8; 8]| {
        let mixed = (mark ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        mixed ^ (mixed >> 32)
    };
    words.iter().chain([&last]).fold(name.len() as u64, mix)
}

/// Checks that a store can hold these roots: no two of them have or had the same name.
///
/// # Errors
/// [`Error::BadName`] or [`Error::TooManyRoots`].
pub(super) fn check_names(specs: &[RootSpec]) -> Result<()> {
    if specs.len() > MAX_ROOTS {
        return Err(Error::TooManyRoots { count: specs.len(), max: MAX_ROOTS });
    }
    let may_repeat = has_equal_marks(specs);
    for (i, spec) in specs.iter().enumerate() {
        let twice = may_repeat && specs.iter().take(i).any(|other| is_same_name(other.name, spec.name));
        if spec.name.is_empty() || spec.name.len() > 255 || twice {
            return Err(Error::BadName { name: spec.name.to_owned() });
        }
        // Two roots would claim the entries of a root with that name.
        let taken = |was: &str| {
            was == spec.name || specs.iter().enumerate().any(|(j, other)| i != j && other.is_or_was(was))
        };
        if let Some(was) = spec.was.iter().find(|was| taken(was)) {
            return Err(Error::BadName { name: (*was).to_owned() });
        }
    }
    Ok(())
}
