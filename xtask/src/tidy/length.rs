//! The length of files: one concept fits into 400 lines.

use super::Finding;
use super::sources::Source;

const MAX_LINES: usize = 400;

/// Files and folders that may be longer, and why.
const LONGER: &[(&str, &str)] = &[];

/// Finds a Rust file that is too long.
pub fn check(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    let may_be_longer = LONGER.iter().any(|(path, _)| source.path.starts_with(path));
    if !source.is_rust() || may_be_longer || lines <= MAX_LINES {
        return None;
    }
    let text = format!("{lines} lines; at most {MAX_LINES}: move a concept into a file of its own");
    Some(Finding::new(&source.path, MAX_LINES + 1, "length", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_lines(name: &str, lines: usize) -> Option<Finding> {
        check(&Source { path: name.into(), text: "x\n".repeat(lines) })
    }

    #[test]
    fn a_file_of_401_lines_is_found() {
        assert_eq!(of_lines("a.rs", 400), None);
        assert_eq!(of_lines("a.rs", 401).unwrap().line, 401);
    }

    #[test]
    fn pages_of_text_have_any_length() {
        assert_eq!(of_lines("docs/a.md", 4_000), None);
    }
}
