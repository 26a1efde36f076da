//! The width of comments, and the beginnings of doc comments.

use super::Finding;
use super::sources::Source;

/// The width of a line with a comment, with its indentation.
const MAX_WIDTH: usize = 100;

/// The width of a line of code or of a drawing between the fences of a comment: rustfmt's.
const MAX_FENCED_WIDTH: usize = 110;

/// Beginnings that make a fragment or an inverted sentence, and what to write.
const BEGINNINGS: &[(&str, &str)] = &[
    ("The same", "say what it does, or refer to the other with a link"),
    ("Whether", "`Returns `true` when …`; a field: `` `true` when … ``"),
    ("What", "name the thing: `The …`, `Returns …`"),
    ("Where", "`Returns …`, `The position of …`, `If …`"),
    ("So", "`Returns …`, `The number of …`"),
];

/// Finds wide comments and doc comments with a beginning that the style rules out.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.is_rust() {
        return findings;
    }
    let (mut before, mut is_fenced) = (None, false);
    for (number, line) in (1..).zip(source.text.lines()) {
        let comment = Comment::of(line);
        let mut found = |rule, text: String| {
            findings.push(Finding::new(&source.path, number, rule, text));
        };
        match comment {
            Some(comment) => is_fenced ^= comment.text.starts_with("```"),
            // A line of an example that a macro completes.
            None if line.trim_start().starts_with("#[doc") => {}
            None => is_fenced = false,
        }
        let (width, most) = (line.chars().count(), if is_fenced { MAX_FENCED_WIDTH } else { MAX_WIDTH });
        if comment.is_some() && width > most && !line.contains("://") {
            found("comment width", format!("{width} columns; at most {most}"));
        }
        if let Some(comment) = comment
            && comment.is_doc()
            && before != Some(comment.marker)
            && let Some((beginning, instead)) = BEGINNINGS.iter().find(|(b, _)| begins_with(comment.text, b))
        {
            found("doc beginning", format!("begins with `{beginning}`; write {instead}"));
        }
        before = comment.map(|comment| comment.marker);
    }
    findings
}

/// A line that is a comment.
#[derive(Clone, Copy)]
struct Comment<'line> {
    marker: &'static str,
    text: &'line str,
}

impl<'line> Comment<'line> {
    fn of(line: &'line str) -> Option<Self> {
        let line = line.trim_start();
        let marker = ["///", "//!", "//"].into_iter().find(|marker| line.starts_with(marker))?;
        Some(Self { marker, text: line[marker.len()..].trim() })
    }

    fn is_doc(self) -> bool {
        self.marker != "//"
    }
}

/// Tells `So …` from `Some …`.
fn begins_with(text: &str, beginning: &str) -> bool {
    let rest = text.strip_prefix(beginning);
    rest.is_some_and(|rest| rest.chars().next().is_none_or(|next| !next.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, &'static str)> {
        let source = Source { path: "a.rs".into(), text: text.into() };
        check(&source).into_iter().map(|finding| (finding.line, finding.rule)).collect()
    }

    #[test]
    fn a_comment_of_101_columns_is_found() {
        let wide = format!("    // {}", "ä".repeat(93));
        assert_eq!(wide.chars().count(), 100);
        assert_eq!(found(&wide), []);
        assert_eq!(found(&format!("{wide}x")), [(1, "comment width")]);
        assert_eq!(found(&format!("    let x = {};", "x".repeat(100))), []);
        assert_eq!(found(&format!("// https://{}", "x".repeat(100))), []);
        let fenced = |width: usize| format!("/// ```\n/// {}\n/// ```", "x".repeat(width - 4));
        assert_eq!(found(&fenced(110)), []);
        assert_eq!(found(&fenced(111)), [(2, "comment width")]);
    }

    #[test]
    fn only_the_first_line_of_a_doc_comment_is_its_beginning() {
        assert_eq!(found("/// Whether it is.\nfn f() {}\n"), [(1, "doc beginning")]);
        assert_eq!(found("//! The same again.\n"), [(1, "doc beginning")]);
        assert_eq!(found("/// Tells something.\n/// Whether it is.\n"), []);
        assert_eq!(found("// Whether it is.\n"), []);
    }

    #[test]
    fn longer_words_are_no_beginning() {
        assert_eq!(found("/// Some.\nfn f() {}\n/// Whatever.\nfn g() {}\n"), []);
        assert_eq!(found("/// So, some.\n"), [(1, "doc beginning")]);
    }
}
