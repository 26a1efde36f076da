//! The comparison of the names of roots with those that a lock has retired.

use super::retired::quoted;
use super::{Lock, RetiredName};
use crate::evolution::{Problem, Rule};
use crate::store::RootSpec;

/// Returns the names that the code retires and the lock lacks.
pub(super) fn missing(lock: &Lock, specs: &[RootSpec], dropped: &[&str]) -> Vec<RetiredName> {
    let dropped = dropped.iter().map(|name| RetiredName { name: quoted(name), renamed_to: None });
    let renamed = specs.iter().flat_map(|spec| {
        let new = quoted(spec.name);
        spec.was.iter().map(move |name| RetiredName { name: quoted(name), renamed_to: Some(new.clone()) })
    });
    let is_known = |retired: &RetiredName| lock.retired.iter().any(|known| known.name == retired.name);
    dropped.chain(renamed).filter(|retired| !is_known(retired)).collect()
}

/// Reports the retired names that the lock lacks.
pub(super) fn unlocked(lock: &Lock, specs: &[RootSpec], dropped: &[&str]) -> Vec<Problem> {
    let problem = |retired: RetiredName| {
        let what = format!("the root {} {}, and graven.lock does not say so", retired.name, retired.fate());
        let because = "a later root of that name would get its entries where this release is skipped";
        let fix = "run `cargo graven lock`, and commit the file".to_owned();
        root_problem(Rule::LockMissing, &retired.name, what, because, fix)
    };
    missing(lock, specs, dropped).into_iter().map(problem).collect()
}

/// Reports the roots of the code that have a retired name.
pub(super) fn reused(lock: &Lock, specs: &[RootSpec]) -> Vec<Problem> {
    let mut problems = Vec::new();
    // An index is made anew wherever it is missing, so that its name may be used again.
    for spec in specs.iter().filter(|spec| !spec.kind.is_index()) {
        let names: Vec<String> = [spec.name].iter().chain(spec.was).map(|name| quoted(name)).collect();
        for name in &names {
            let Some(retired) = lock.retired.iter().find(|retired| retired.name == *name) else { continue };
            if leads_to(lock, name, &names) {
                continue;
            }
            let what =
                format!("`{}` uses the name {name}, and the root of that name {}", spec.name, retired.fate());
            let because = "a canister that skipped that release still has the old entries under this name";
            let fix = format!(
                "use another name, or delete `{}` from graven.lock once no canister has the old entries",
                retired.to_string().trim_end()
            );
            problems.push(root_problem(Rule::RootNameReused, &spec.declaration(), what, because, fix));
        }
    }
    problems
}

/// Returns `true` if the root that had `name` was renamed, in one step or several, to one of
/// `names`. Then it is the same root.
fn leads_to(lock: &Lock, name: &str, names: &[String]) -> bool {
    let mut seen = vec![name];
    let mut next = 0;
    while let Some(from) = seen.get(next).copied() {
        next += 1;
        for new in lock
            .retired
            .iter()
            .filter(|retired| retired.name == from)
            .filter_map(|retired| retired.renamed_to.as_deref())
        {
            if names.iter().any(|name| name == new) {
                return true;
            }
            if !seen.contains(&new) {
                seen.push(new);
            }
        }
    }
    false
}

fn root_problem(rule: Rule, root: &str, what: String, because: &str, fix: String) -> Problem {
    let path = vec![root.to_owned()];
    Problem { rule, path, root: root.to_owned(), what, because: because.to_owned(), fix }
}
