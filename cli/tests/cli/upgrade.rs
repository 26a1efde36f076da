//! `check OLD.wasm NEW.wasm`.

use graven::Schema;
use graven::schema::RootSpec;
use graven_core::store::section;

use crate::schemas::{broken, first, forgetful, nested, second, third};
use crate::support::{Folder, Said, module};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.wasm("first.wasm", first::Forum::ROOTS);
    folder.wasm("second.wasm", second::Forum::ROOTS);
    folder.wasm("third.wasm", third::Forum::ROOTS);
    folder.wasm("forgetful.wasm", forgetful::Forum::ROOTS);
    folder.wasm("broken.wasm", broken::Forum::ROOTS);
    folder
}

fn check(words: &[&str]) -> Said {
    folder().run(&[&["check"], words].concat())
}

#[test]
fn nothing_to_migrate() {
    let said = check(&["first.wasm", "first.wasm"]);
    assert_eq!((said.code, said.out.as_str()), (0, "safe, nothing to migrate\nthe way back stays open\n"));
}

#[test]
fn lazy_migration() {
    let said = check(&["first.wasm", "second.wasm"]);
    let expected = "safe: lazy migration of these roots: users\nnew roots: events\n\
                    the way back is open until a record is written to one of: users, events\n";
    assert_eq!((said.code, said.out.as_str()), (0, expected));
    // Skipping a version is no different.
    let said = check(&["first.wasm", "third.wasm"]);
    assert_eq!((said.code, said.out.as_str()), (0, expected));
}

#[test]
fn refused_in_the_words_of_opening() {
    let memory = graven::DefaultMemoryImpl::default();
    // An empty root that the code does not declare would be kept.
    first::Forum::open(memory.clone()).unwrap().limit.set(1);
    let Err(error) = broken::Forum::open(memory) else { panic!("it was opened") };
    let said = check(&["first.wasm", "broken.wasm"]);
    assert_eq!(said.code, 1);
    let words = format!("error: {error}").replace(" (1 entry)", "");
    assert_eq!(said.out, format!("refused\n\n{words}"));
    for rule in ["field-added", "number-widened", "variant-removed", "root-undeclared"] {
        assert!(said.out.contains(&format!("[{rule}]")), "{rule}: {}", said.out);
    }
}

#[test]
fn older_code_is_refused() {
    let said = check(&["second.wasm", "first.wasm"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("[version-newer]") && said.out.contains("[root-undeclared]"), "{}", said.out);
}

/// Pages of version 1 may be swept or not: only the memory knows.
#[test]
fn what_only_the_memory_knows_is_a_warning() {
    let said = check(&["second.wasm", "forgetful.wasm"]);
    assert_eq!(said.code, 0);
    let warning = "warning: refused at the upgrade if pages of `User` version 1 are still there; check with \
                   --image\n";
    assert!(said.out.starts_with("safe, nothing to migrate\n"), "{}", said.out);
    assert!(said.out.contains(warning) && said.out.contains("[version-forgotten]"), "{}", said.out);
    let said = check(&["--strict", "second.wasm", "forgetful.wasm"]);
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("refused\n") && said.out.contains(warning), "{}", said.out);
    let said = check(&["first.wasm", "forgetful.wasm"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("error: ") && !said.out.contains("warning"), "{}", said.out);
}

/// Writes what `cargo graven check` says of a store that renames a root and drops another one.
#[test]
fn a_renamed_root_closes_the_way_back_and_a_dropped_one_is_lost() {
    let folder = folder();
    let [users, states, limit] = first::Forum::ROOTS else { panic!("three roots") };
    const RENAMED: RootSpec = RootSpec { was: &["limit"], ..first::Forum::ROOTS[2] };
    folder.wasm("renamed.wasm", &[*users, *states, RENAMED.named("most")]);
    let said = folder.run(&["check", "first.wasm", "renamed.wasm"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("\nthe way back is closed: the old code would refuse most\n"), "{}", said.out);
    let section = section::to_vec(&[*users, *limit], &["states"]);
    folder.write("dropped.wasm", &module(section::NAME, &section));
    let said = folder.run(&["check", "first.wasm", "dropped.wasm"]);
    let expected = "\nthe way back stays open\nthe way back loses the entries of: states\n";
    assert!(said.out.ends_with(expected), "{}", said.out);
    let said = folder.run(&["check", "--format", "json", "first.wasm", "dropped.wasm"]);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let expected = serde_json::json!({"open": true, "refused": [], "closed_by": [], "lost": ["states"]});
    assert_eq!(answer["way_back"], expected);
}

#[test]
fn json() {
    let said = check(&["--format", "json", "first.wasm", "broken.wasm"]);
    assert_eq!(said.code, 1);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(answer["verdict"], "refused");
    let problem = &answer["problems"][0];
    assert_eq!(problem["level"], "error");
    assert_eq!(problem["root"], "users: BTreeMap<u64, User>");
    assert_eq!(problem["path"], serde_json::json!(["users", "User v1"]));
    assert_eq!(problem["rule"], "field-added");
    let said = check(&["--format", "json", "first.wasm", "second.wasm"]);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&answer["verdict"], &answer["migrating"][0]), (&"migrates".into(), &"users".into()));
    let said = check(&["--format", "json", "second.wasm", "forgetful.wasm"]);
    let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&answer["verdict"], &answer["problems"][0]["level"]), (&"safe".into(), &"warning".into()));
}

#[test]
fn github() {
    let said = check(&["--format", "github", "first.wasm", "broken.wasm"]);
    assert_eq!(said.code, 1);
    let annotations: Vec<&str> = said.out.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(annotations.len(), 4, "{}", said.out);
    assert!(annotations[0].starts_with("::error file=broken.wasm,title=field-added::users → User v1: field"));
    assert!(annotations[0].contains("%0Afix: "));
    let said = check(&["--format", "github", "second.wasm", "forgetful.wasm"]);
    assert!(said.out.starts_with("::warning file=forgetful.wasm,title=version-forgotten::"), "{}", said.out);
}

/// A name cannot begin a command of its own.
#[test]
fn github_and_names_of_several_lines() {
    let folder = Folder::new();
    let name = "users\n::warning::made up";
    folder.wasm("old.wasm", &[first::Forum::ROOTS[0].named(name)]);
    folder.wasm("new.wasm", &[second::Forum::ROOTS[0].named(name)]);
    let said = folder.run(&["check", "--format", "github", "old.wasm", "new.wasm"]);
    let expected = "::notice file=new.wasm::the way back is open until a record is written to one of: \
                    users%0A::warning::made up\nsafe: lazy migration of these roots: users ::warning::made up\n";
    assert_eq!((said.code, said.out.as_str()), (0, expected));
}

/// An old address may be in any contact, deep inside.
#[test]
fn types_in_types() {
    let folder = Folder::new();
    folder.wasm("old.wasm", nested::old::Shop::ROOTS);
    folder.wasm("same.wasm", nested::same::Shop::ROOTS);
    folder.wasm("forgetful.wasm", nested::forgetful::Shop::ROOTS);
    let said = folder.run(&["check", "old.wasm", "same.wasm"]);
    assert!(said.out.starts_with("safe: lazy migration of these roots: contacts\n"), "{}", said.out);
    let said = folder.run(&["check", "old.wasm", "forgetful.wasm"]);
    assert_eq!(said.code, 0);
    assert_eq!(said.out.matches("warning: ").count(), 1, "{}", said.out);
    let expected = "warning: refused at the upgrade if pages of `Address` version 1 are still there";
    assert!(said.out.contains(expected), "{}", said.out);
    assert!(said.out.contains("at contacts → Contact v2 → Post → 0"), "{}", said.out);
    folder.run(&["lock", "same.wasm"]);
    let lock = folder.read("graven.lock");
    for block in ["Address v1 ", "Address v2 ", "Address v3 ", "Contact v1 ", "Contact v2 "] {
        assert!(lock.contains(&format!("\n{block}")), "{lock}");
    }
    assert!(lock.contains("    1 Post(Vec<Address>)\n"), "{lock}");
}

/// Returns a module with the section and one function, whose local variable is of a type.
fn with_code(local: u8) -> Vec<u8> {
    // A type without parameters and results, a function of it, and its body with one local.
    let sections = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 1, 1, local, 0x0b];
    [module(section::NAME, &section::to_vec(first::Forum::ROOTS, &[])), sections.to_vec()].concat()
}

#[test]
fn code_without_vector_instructions_is_advised() {
    let folder = folder();
    folder.write("scalar.wasm", &with_code(0x7e));
    folder.write("vectors.wasm", &with_code(0x7b));
    let said = folder.run(&["check", "first.wasm", "scalar.wasm"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("\nnote: this wasm has no vector instructions"), "{}", said.out);
    assert!(said.out.contains("[\"-C\", \"target-feature=+simd128\"]"), "{}", said.out);
    let json = folder.run(&["check", "--format", "json", "first.wasm", "scalar.wasm"]);
    assert!(json.out.contains("\"vectors\": false"), "{}", json.out);
    // Only the new code is looked at.
    for other in [["scalar.wasm", "vectors.wasm"], ["scalar.wasm", "first.wasm"]] {
        let said = folder.run(&[&["check"], other.as_slice()].concat());
        assert!(said.code == 0 && !said.out.contains("note:"), "{other:?}: {}", said.out);
    }
}
