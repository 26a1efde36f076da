//! Words that the glossary has retired, and the words of the field that replace them.
//!
//! Only words that a program recognises without false alarms are here. The others are for reviews.

use super::Finding;
use super::sources::Source;

/// Names in code. They are compared with whole identifiers.
const NAMES: &[(&str, &str)] = &[
    ("Spot", "ValueLocation"),
    ("ValueAt", "ValueLocation"),
    ("thin_out", "free_layout_slot"),
    ("put_thinned", "free_layout_slot"),
    ("Grid", "BucketLayout"),
    ("DeadTrees", "DetachedTrees"),
    ("dead_trees", "detached_trees"),
    ("disown", "release"),
    ("Unborn", "ReservedMemory"),
    ("GoneVariant", "RemovedVariant"),
    ("put_there", "a method of the page's type"),
    ("read_there", "a method of the page's type"),
    ("put_part", "a method of the page's type"),
];

/// Phrases in comments and pages.
const PHRASES: &[(&str, &str)] = &[
    ("dearer", "more expensive"),
    ("dearest", "most expensive"),
    ("as yet", "so far, or leave it out"),
    ("at hand", "cached"),
    ("dead tree", "detached tree"),
    ("dead trees", "detached trees"),
    ("goes on", "continues"),
    ("put each other out", "evict each other"),
    ("thinned out", "freed"),
    ("plain pages", "pages of fixed cells"),
    ("mixed pages", "slotted pages"),
];

/// The file with the table itself.
const TABLE: &str = "xtask/src/tidy/words.rs";

/// Finds retired names in code and retired phrases in comments and pages.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.path.ends_with(TABLE) {
        return findings;
    }
    for (number, line) in (1..).zip(source.text.lines()) {
        let (code, prose) = if source.is_rust() { parts(line) } else { ("", line) };
        let names = NAMES.iter().filter(|(name, _)| has_word(code, name));
        let lower = prose.to_lowercase();
        let phrases = PHRASES.iter().filter(|(phrase, _)| has_word(&lower, phrase));
        for (word, instead) in names.chain(phrases) {
            let text = format!("`{word}` is retired; write: {instead}");
            findings.push(Finding::new(&source.path, number, "word", text));
        }
    }
    findings
}

/// Splits a line into its code and its comment. A `//` inside a string or an address is no comment.
fn parts(line: &str) -> (&str, &str) {
    if line.trim_start().starts_with("//") {
        return ("", line);
    }
    match line.rfind(" // ").filter(|at| line[..*at].matches('"').count().is_multiple_of(2)) {
        Some(at) => line.split_at(at),
        None => (line, ""),
    }
}

/// Returns `true` if the text has the word with no letter, digit or `_` on either side.
fn has_word(text: &str, word: &str) -> bool {
    let inner = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(inner) && !after.is_some_and(inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Source { path: path.into(), text: text.into() }).len()
    }

    #[test]
    fn names_are_whole_identifiers_in_code() {
        assert_eq!(count("a.rs", "let spot: Spot<K> = f();"), 1);
        assert_eq!(count("a.rs", "let x: SpotPrice = spot_of(Spotted);"), 0);
        assert_eq!(count("a.rs", "// Spot is a name of others"), 0);
    }

    #[test]
    fn phrases_are_found_in_comments_and_pages() {
        assert_eq!(count("a.rs", "/// Dearer than it was."), 1);
        assert_eq!(count("a.rs", "f(); // it goes on here"), 1);
        assert_eq!(count("a.rs", "let text = \"it goes on\";"), 0);
        assert_eq!(count("docs/a.md", "It goes on."), 1);
    }

    #[test]
    fn every_word_has_a_replacement() {
        for (word, instead) in NAMES.iter().chain(PHRASES) {
            assert!(!instead.is_empty() && word != instead, "{word}");
        }
    }
}
