//! The file that defines what a path names.
//!
//! An import points from the file that mentions a path to the file that defines the item.
//! Re-exports are followed: a child that imports its parent's re-export of a sibling imports the
//! sibling.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::modules::{self, Mention, Module, Segments, extended};
use super::sources::Source;
use crate::workspace::Workspace;

/// An arrow from one file to another.
pub struct Import {
    pub from: PathBuf,
    pub line: usize,
    /// The path as it is written.
    pub written: String,
    /// The file that defines the item.
    pub to: PathBuf,
    /// The file of the deepest module in the path itself, with no re-export followed.
    pub door: PathBuf,
    /// `true` for a `pub use`, which a parent has for its children.
    pub is_reexport: bool,
}

/// All imports between the files of the workspace's libraries and programs.
pub struct Imports {
    pub all: Vec<Import>,
}

/// A module's place: its crate, and the path inside.
type Address = (String, Segments);

/// The module, and the file it is in.
struct Known {
    module: Module,
    file: PathBuf,
}

/// The modules of all crates.
#[derive(Default)]
struct Crates {
    modules: BTreeMap<Address, Known>,
}

/// Chains of re-exports are short; a longer one is a circle.
const MAX_REEXPORTS: usize = 16;

impl Imports {
    /// Reads the imports of all libraries and programs. Those of tests are left out: tests may look
    /// anywhere.
    pub fn read(workspace: &Workspace, sources: &[Source]) -> Result<Self> {
        let by_path: BTreeMap<&Path, &Source> = sources.iter().map(|s| (s.path.as_path(), s)).collect();
        let mut crates = Crates::default();
        for package in workspace.metadata().workspace_packages() {
            let targets = package.targets.iter();
            for target in targets.filter(|target| !target.is_test() && !target.is_custom_build()) {
                let root = target.src_path.strip_prefix(workspace.root()).unwrap_or(&target.src_path);
                // A program often has its library's name. Nothing imports a program.
                let suffix = if target.is_bin() { " (program)" } else { "" };
                let name = format!("{}{suffix}", target.name.replace('-', "_"));
                crates.read(&name, root.as_std_path(), &by_path)?;
            }
        }
        Ok(Self { all: crates.imports() })
    }

    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let sources: Vec<Source> =
            files.iter().map(|(path, text)| Source { path: path.into(), text: (*text).into() }).collect();
        let by_path: BTreeMap<&Path, &Source> = sources.iter().map(|s| (s.path.as_path(), s)).collect();
        let mut crates = Crates::default();
        for (path, _) in files.iter().filter(|(path, _)| path.ends_with("lib.rs")) {
            let name = path.split('/').next().unwrap();
            crates.read(name, Path::new(path), &by_path).unwrap();
        }
        Self { all: crates.imports() }
    }
}

impl Crates {
    fn read(&mut self, name: &str, root: &Path, sources: &BTreeMap<&Path, &Source>) -> Result<()> {
        let folder = root.parent().unwrap_or(Path::new(""));
        self.read_file(name, &[], root, folder, sources)
    }

    /// Reads a file with the module `path`, whose children lie in `folder`.
    fn read_file(
        &mut self,
        name: &str,
        path: &[String],
        file: &Path,
        folder: &Path,
        sources: &BTreeMap<&Path, &Source>,
    ) -> Result<()> {
        let Some(source) = sources.get(file) else { return Ok(()) };
        let parsed = modules::parse(&source.text).with_context(|| format!("in {}", file.display()))?;
        for mut module in parsed.modules {
            let inside: PathBuf = module.path.iter().fold(folder.to_owned(), |at, name| at.join(name));
            module.path = [path, &module.path].concat();
            for child in &module.children {
                let flat = inside.join(format!("{child}.rs"));
                let deep = inside.join(child);
                let file = if sources.contains_key(flat.as_path()) { flat } else { deep.join("mod.rs") };
                self.read_file(name, &extended(&module.path, child), &file, &deep, sources)?;
            }
            let address = (name.to_owned(), module.path.clone());
            self.modules.insert(address, Known { module, file: file.to_owned() });
        }
        Ok(())
    }

    fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for ((name, path), known) in &self.modules {
            for mention in &known.module.mentions {
                imports.extend(self.import((name, path), known, mention));
            }
        }
        imports
    }

    fn import(&self, at: (&String, &Segments), from: &Known, mention: &Mention) -> Option<Import> {
        let at = (at.0.clone(), at.1.clone());
        let target = self.absolute(&at, &from.module, &mention.path, mention.is_use)?;
        let to = self.definition(&target, 0)?;
        let door = self.longest(&target)?.0.file.clone();
        (to != from.file || door != from.file).then(|| Import {
            from: from.file.clone(),
            line: mention.line,
            written: mention.path.join("::"),
            to,
            door,
            is_reexport: mention.is_reexport,
        })
    }

    /// Returns the address that a path has seen from the crate's root, or `None` for a crate of
    /// others.
    fn absolute(&self, at: &Address, module: &Module, path: &[String], is_use: bool) -> Option<Address> {
        let (first, mut rest) = path.split_first()?;
        let mut inside = at.1.clone();
        match first.as_str() {
            "crate" => inside.clear(),
            "self" => {}
            "super" => {
                inside.pop();
                while rest.first().is_some_and(|segment| segment == "super") {
                    inside.pop();
                    rest = &rest[1..];
                }
            }
            name if module.children.contains(name) => inside.push(name.to_owned()),
            name if is_use && self.modules.contains_key(&(name.to_owned(), Vec::new())) => {
                return Some((name.to_owned(), rest.to_vec()));
            }
            // The path continues at the path that the name is bound to.
            name if module.bound(name).is_some() => {
                let bound = module.bound(name)?;
                return self.absolute(at, module, &[bound, rest].concat(), true);
            }
            name if self.modules.contains_key(&(name.to_owned(), Vec::new())) => {
                return Some((name.to_owned(), rest.to_vec()));
            }
            _ => return None,
        }
        inside.extend(rest.iter().cloned());
        Some((at.0.clone(), inside))
    }

    /// Returns the file that defines the item at an address.
    fn definition(&self, address: &Address, depth: usize) -> Option<PathBuf> {
        let (known, rest) = self.longest(address)?;
        let Some(name) = rest.first().filter(|_| depth < MAX_REEXPORTS) else {
            return Some(known.file.clone());
        };
        let here = (address.0.clone(), known.module.path.clone());
        if let Some(bound) = known.module.bindings.get(name)
            && let Some((krate, path)) = self.absolute(&here, &known.module, bound, true)
            && (&krate, &path) != (&address.0, &address.1)
        {
            return self.definition(&(krate, [&path, &rest[1..]].concat()), depth + 1);
        }
        if !known.module.items.contains(name) {
            for glob in &known.module.globs {
                let Some((krate, path)) = self.absolute(&here, &known.module, glob, true) else { continue };
                let Some(target) = self.modules.get(&(krate.clone(), path.clone())) else { continue };
                if target.module.items.contains(name) || target.module.bindings.contains_key(name) {
                    return self.definition(&(krate, [&path, rest].concat()), depth + 1);
                }
            }
        }
        Some(known.file.clone())
    }

    /// Returns the deepest module on the way to an address, and what is left of the path.
    fn longest<'a>(&self, address: &'a Address) -> Option<(&Known, &'a [String])> {
        (0..=address.1.len()).rev().find_map(|length| {
            let (inside, rest) = address.1.split_at(length);
            self.modules.get(&(address.0.clone(), inside.to_vec())).map(|known| (known, rest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows(files: &[(&str, &str)]) -> Vec<String> {
        let imports = Imports::of(files).all.into_iter().filter(|import| !import.is_reexport);
        imports.map(|import| format!("{} -> {}", import.from.display(), import.to.display())).collect()
    }

    #[test]
    fn an_import_points_at_the_file_that_defines_the_item() {
        let files = [
            ("a/lib.rs", "mod one; mod two;"),
            ("a/one.rs", "pub struct One;"),
            ("a/two/mod.rs", "use crate::one::One;"),
        ];
        assert_eq!(arrows(&files), ["a/two/mod.rs -> a/one.rs"]);
    }

    #[test]
    fn reexports_are_followed_to_siblings_and_through_globs() {
        let files = [
            ("a/lib.rs", "mod page; pub use page::*;"),
            ("a/page/mod.rs", "mod pager; mod index; pub use pager::Pager;"),
            ("a/page/pager.rs", "pub struct Pager;"),
            ("a/page/index.rs", "use super::Pager; use crate::Pager as P;"),
        ];
        let expected = "a/page/index.rs -> a/page/pager.rs";
        assert_eq!(arrows(&files), [expected, expected]);
    }

    #[test]
    fn a_path_through_an_imported_module_leads_where_the_import_does() {
        let files = [
            ("a/lib.rs", "mod page; mod store;"),
            ("a/page/mod.rs", "pub mod iter; pub use iter::Iter;"),
            ("a/page/iter.rs", "pub struct Iter;"),
            ("a/store.rs", "use crate::page; fn f() { page::Iter::new() }"),
        ];
        assert_eq!(arrows(&files), ["a/store.rs -> a/page/mod.rs", "a/store.rs -> a/page/iter.rs"]);
        let doors = Imports::of(&files).all.into_iter().map(|import| import.door);
        assert!(doors.skip(1).all(|door| door == Path::new("a/page/mod.rs")));
    }

    #[test]
    fn crates_of_the_workspace_are_followed_and_others_are_not() {
        let files = [
            ("a/lib.rs", "use b::page::Pager; use std::fmt; fn f() { b::page::go() }"),
            ("b/lib.rs", "pub mod page;"),
            ("b/page.rs", "pub struct Pager; pub fn go() {}"),
        ];
        assert_eq!(arrows(&files), ["a/lib.rs -> b/page.rs", "a/lib.rs -> b/page.rs"]);
    }

    #[test]
    fn a_child_that_uses_its_parents_item_points_at_the_parent() {
        let files = [("a/lib.rs", "mod one; pub struct Root;"), ("a/one.rs", "use super::Root;")];
        assert_eq!(arrows(&files), ["a/one.rs -> a/lib.rs"]);
    }
}
