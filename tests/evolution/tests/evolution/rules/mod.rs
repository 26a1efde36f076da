//! `docs/evolution.md` has a section for every rule, with the message that the rule's case here
//! produces. `GRAVEN_BLESS=1` writes the messages anew.

mod locks;
mod stores;
mod values;

use std::path::PathBuf;

use graven::schema::{Problem, Rule};

/// The message of a rule.
pub(crate) struct Case {
    rule: Rule,
    message: String,
}

impl Case {
    /// The first of the problems that is about the rule.
    fn new(rule: Rule, problems: Vec<Problem>) -> Case {
        let found = problems.iter().find(|problem| problem.rule == rule);
        let problem = found.unwrap_or_else(|| panic!("{} is not among {problems:#?}", rule.name()));
        Case { rule, message: problem.to_string() }
    }
}

fn cases() -> Vec<Case> {
    let mut cases = values::cases();
    cases.extend(stores::cases());
    cases.extend(locks::cases());
    cases
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/evolution.md")
}

/// The names of the sections about rules, in order.
fn sections(text: &str) -> Vec<&str> {
    let rules = text.split_once("\n## What is refused\n").expect("the chapter is there").1;
    rules.lines().filter_map(|line| line.strip_prefix("### ")).collect()
}

#[test]
fn every_rule_has_a_section_and_every_section_a_rule() {
    let text = std::fs::read_to_string(path()).unwrap();
    let rules: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(sections(&text), rules);
}

#[test]
fn every_rule_has_a_case() {
    let cases = cases();
    for rule in Rule::ALL {
        let count = cases.iter().filter(|case| case.rule == *rule).count();
        assert_eq!(count, 1, "{}", rule.name());
    }
}

#[test]
fn messages_are_those_of_the_documentation() {
    let mut text = std::fs::read_to_string(path()).unwrap();
    let mut different = Vec::new();
    for Case { rule, message } in cases() {
        let place = block(&text, rule);
        let expected = format!("{message}\n");
        if text[place.clone()] != expected {
            different.push(format!("{}:\n{expected}", rule.name()));
            text.replace_range(place, &expected);
        }
    }
    if std::env::var_os("GRAVEN_BLESS").is_some() {
        std::fs::write(path(), text).unwrap();
    } else {
        assert!(
            different.is_empty(),
            "docs/evolution.md has other messages; now it is\n{}",
            different.join("\n")
        );
    }
}

/// Returns the position of a rule's message in the documentation.
fn block(text: &str, rule: Rule) -> std::ops::Range<usize> {
    let heading = format!("\n### {}\n", rule.name());
    let section = text.find(&heading).unwrap_or_else(|| panic!("no section {}", rule.name()));
    let section = section + heading.len();
    let end = text[section..].find("\n### ").map_or(text.len(), |at| section + at);
    let open =
        text[section..end].find("```text\n").unwrap_or_else(|| panic!("no message of {}", rule.name()));
    let start = section + open + "```text\n".len();
    let close = text[start..end].find("```").expect("blocks are closed");
    start..start + close
}
