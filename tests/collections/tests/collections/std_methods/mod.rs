//! The public methods of std's collections, and what has become of each in Graven: a file for each
//! collection, with a table and a function that calls what the table says to be the same, so that a
//! claim without a method does not compile. Where std's source is installed the tables are held
//! against it.

mod binary_heap;
mod btree_map;
mod btree_set;
mod hash_map;
mod hash_set;
mod source;
mod vec;
mod vec_deque;

/// The counterpart of a method of std's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// A method of the same name does the same; what it gives is a copy where std gives a
    /// reference.
    Same,
    /// This does it.
    As(&'static str),
    /// There is none, because of this.
    Not(&'static str),
}

/// A table: std's methods, each with what has become of it.
pub type Table = &'static [(&'static str, Here)];

/// Checks a table by itself, against the calls of its file, and against std's source if that is
/// there.
#[track_caller]
pub fn check(table: Table, calls: &str, path: &str, ty: &str) {
    let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
    let twice = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name));
    assert!(twice.is_none(), "{twice:?} is in the table twice");
    for (name, here) in table {
        match here {
            Here::Same => {
                assert!(is_called(calls, name), "no call of `{name}`, which is said to be the same");
            }
            Here::As(other) => {
                let method = other.split(['(', ' ', ',']).next().unwrap_or_default();
                assert!(is_called(calls, method), "no call of `{method}`, which is said to do `{name}`");
            }
            Here::Not(why) => assert!(why.len() > 10, "{name}: why not?"),
        }
    }
    let Some(source) = source::read(path) else { return };
    let std = source::methods(&source, ty);
    assert!(std.len() > 10, "{path} is not what it was: {std:?}");
    let missing: Vec<&String> = std.iter().filter(|name| !names.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "methods of std's {ty} that the table does not have: {missing:?}");
}

fn is_called(calls: &str, method: &str) -> bool {
    let written = |before: &str, after: &str| calls.contains(&format!("{before}{method}{after}"));
    [".", "::", " "].iter().any(|before| ["(", "::<"].iter().any(|after| written(before, after)))
}
