//! Every message that a macro or a constant of ours can stop the compiler with is in some
//! `ui/*.stderr`; those of the comparison with `graven.lock`, which takes a crate of its own, are
//! what `cli/tests/cli/compile.rs` expects.

mod messages;

use std::fs;
use std::path::{Path, PathBuf};

use messages::{Message, constants, literals, texts};

/// Messages of cases that would take too much: a type with 65,536 fields.
const TOO_LARGE: [&str; 1] = ["a stable layout has at most 65,535 parts at one level"];

/// Documentation of what is generated, which nobody is told as an error.
const DOCUMENTATION: [&str; 3] =
    ["The path to the field `{}`.", "The index `{name}`.", "The reference by `{name}`."];

/// Parts of the definition of an index, which is stored.
const DEFINITIONS: [&str; 3] = ["each by {}", "{definition} where {}", "{} references {name}"];

/// Promises of our own constants, which no program can break.
const OURS: [&str; 3] = ["a definition is a plain layout", "a name is text", "an entry is inline"];

/// Parts of lines in `graven.lock`, which nobody is told as an error.
const LINES: [&str; 3] = ["root \"", " dropped", "\" renamed \""];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files below a folder with an ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Returns the compiler's messages of all cases, line by line.
fn said() -> Vec<String> {
    let cases = files(&workspace().join("tests/diagnostics/ui"), "stderr");
    cases.iter().flat_map(|path| read(path).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The messages of sources that no line has.
fn unreached(sources: &[PathBuf], find: fn(&str) -> Vec<Message>, lines: &[String]) -> (usize, Vec<String>) {
    let mut all = Vec::new();
    for source in sources {
        let name = source.strip_prefix(workspace()).unwrap_or(source).display().to_string();
        all.extend(find(&read(source)).into_iter().map(|message| (name.clone(), message)));
    }
    let missing = all.iter().filter(|(_, message)| {
        let text = message.text.as_str();
        !TOO_LARGE.contains(&text)
            && !DOCUMENTATION.contains(&text)
            && !LINES.contains(&text)
            && !DEFINITIONS.contains(&text)
            && !OURS.contains(&text)
            && !lines.iter().any(|line| message.is_in(line))
    });
    (all.len(), missing.map(|(source, Message { text, .. })| format!("{source}: {text}")).collect())
}

#[track_caller]
fn assert_reached((count, missing): (usize, Vec<String>), at_least: usize) {
    assert!(count >= at_least, "only {count} messages were found in the sources");
    assert!(missing.is_empty(), "no case reaches\n    {}", missing.join("\n    "));
}

#[test]
fn what_the_macros_say() {
    let (lock, macros): (Vec<_>, Vec<_>) = files(&workspace().join("derive/src"), "rs")
        .into_iter()
        .partition(|path| path.parent().is_some_and(|folder| folder.ends_with("lock")));
    assert!(!lock.is_empty());
    assert_reached(unreached(&macros, texts, &said()), 90);
}

#[test]
fn what_the_comparison_with_the_lock_says() {
    let lock = files(&workspace().join("derive/src/lock"), "rs");
    let expected = literals(&read(&workspace().join("cli/tests/cli/compile.rs")));
    assert_reached(unreached(&lock, texts, &expected), 20);
}

#[test]
fn what_traits_and_constants_say() {
    let folders = ["core/src", "collections/src", "src"].map(|folder| workspace().join(folder));
    let sources: Vec<PathBuf> = folders.iter().flat_map(|folder| files(folder, "rs")).collect();
    assert_reached(unreached(&sources, constants, &said()), 15);
}

/// A message that no case reaches is noticed, wherever in the text it differs.
#[test]
fn a_message_without_a_case_is_noticed() {
    let source = r#"
        //! Words about the module.
        /// A comment is none, nor is what is read from memory.
        fn f() -> Result<(), Invalid> {
            errors.at(x, format_args!("field `{name}` has no such {kind}, and version {v} ends"));
            Err(Invalid("a record is too short"))
        }
        #[cfg(test)]
        mod tests { const A: &str = "of no interest here"; }
    "#;
    let [message] = &texts(source)[..] else { panic!("one message") };
    assert!(message.is_in("error: field `a` has no such type, and version 3 ends"));
    assert!(!message.is_in("error: field `a` has no such type"));
    assert!(!message.is_in("error: and version 3 ends: field `a` has no such type"));
    let source = r#"
        #[diagnostic::on_unimplemented(message = "`{Self}` is no key", note = "add a derive")]
        trait Key {}
        const fn f<const N: usize>() { assert!(N > 3, "too few of them"); }
        fn g() { assert!(1 > 3, "while it runs"); const { panic!("as it is compiled") } }
        const _: () = { fn h() { panic!("while it runs as well"); } };
        macro_rules! m { ($x:ident) => { compile_error!(concat!("unknown word `", stringify!($x), "` in here")) } }
    "#;
    let found: Vec<String> = constants(source).into_iter().map(|message| message.text).collect();
    let expected = [
        "`{Self}` is no key",
        "add a derive",
        "too few of them",
        "as it is compiled",
        "unknown word `",
        "` in here",
    ];
    assert_eq!(found, expected);
}
