//! Circles of files: files that import each other, directly or through others.
//!
//! An arrow from a module to its own children is not counted: a `mod.rs` composes them, and a child
//! may know the type that it extends, as an iterator knows its map. So a circle always has two
//! files of which neither contains the other. Only files that the table of layers has are checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Finding;
use super::imports::{Import, Imports};
use super::layers::Layers;

type Arrows<'a> = BTreeMap<&'a Path, BTreeMap<&'a Path, &'a Import>>;

/// Finds each set of files that can all reach each other.
pub fn check(layers: &Layers, imports: &Imports) -> Vec<Finding> {
    let mut arrows = arrows(imports);
    arrows.retain(|file, _| layers.of(file).is_some());
    circles(&arrows).into_iter().map(|circle| finding(&circle, &arrows)).collect()
}

fn arrows(imports: &Imports) -> Arrows<'_> {
    let mut arrows: Arrows = BTreeMap::new();
    let all = imports.all.iter().filter(|import| import.from != import.to);
    for import in all.filter(|import| !import.is_reexport && !contains(&import.from, &import.to)) {
        arrows.entry(&import.from).or_default().entry(&import.to).or_insert(import);
    }
    arrows
}

/// Returns `true` if the module of the first file contains that of the second.
fn contains(parent: &Path, child: &Path) -> bool {
    let is_folder = ["mod.rs", "lib.rs", "main.rs"].iter().any(|name| parent.ends_with(name));
    let folder =
        if is_folder { parent.parent().unwrap_or(parent).to_owned() } else { parent.with_extension("") };
    child.starts_with(folder)
}

fn circles<'a>(arrows: &Arrows<'a>) -> Vec<BTreeSet<&'a Path>> {
    let reached: BTreeMap<&Path, BTreeSet<&Path>> =
        arrows.keys().map(|file| (*file, reached_from(file, arrows))).collect();
    let mut circles = BTreeSet::new();
    for (file, targets) in &reached {
        let back = |target: &&&Path| reached.get(**target).is_some_and(|back| back.contains(file));
        let circle: BTreeSet<&Path> = targets.iter().filter(back).copied().collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reached_from<'a>(file: &'a Path, arrows: &Arrows<'a>) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(next) = open.pop() {
        let targets = arrows.get(next).into_iter().flat_map(|targets| targets.keys());
        open.extend(targets.filter(|target| reached.insert(**target)));
    }
    reached
}

/// Shows one arrow out of each file of the circle that stays in it.
fn finding(circle: &BTreeSet<&Path>, arrows: &Arrows) -> Finding {
    let inside = |file: &Path| {
        let targets = arrows.get(file).into_iter().flatten();
        targets.filter(|(target, _)| circle.contains(**target)).map(|(_, import)| *import)
    };
    let lines = circle
        .iter()
        .flat_map(|file| inside(file))
        .map(|import| format!("\n        {}:{} {}", import.from.display(), import.line, import.written));
    let first = circle.iter().flat_map(|file| inside(file)).next();
    let (file, line) = first.map_or((Path::new(""), 0), |import| (import.from.as_path(), import.line));
    let text = format!("{} files import each other:{}", circle.len(), lines.collect::<String>());
    Finding::new(file, line, "circle", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let imports = Imports::of(files);
        let circles = circles(&arrows(&imports));
        let names = |circle: BTreeSet<&Path>| circle.iter().map(|file| file.display().to_string()).collect();
        circles.into_iter().map(names).collect()
    }

    #[test]
    fn a_parent_and_its_child_may_know_each_other() {
        let files = [
            ("a/lib.rs", "mod map;"),
            ("a/map/mod.rs", "mod iter; pub struct Map; fn f() { iter::Iter::new() }"),
            ("a/map/iter.rs", "use super::Map; pub struct Iter(Map);"),
        ];
        assert_eq!(circles_of(&files), Vec::<Vec<String>>::new());
    }

    #[test]
    fn siblings_that_import_each_other_are_a_circle() {
        let files = [
            ("a/lib.rs", "mod b; mod c;"),
            ("a/b.rs", "use super::c::C; pub struct B;"),
            ("a/c.rs", "pub struct C; fn f() { super::b::B; }"),
        ];
        assert_eq!(circles_of(&files), [["a/b.rs", "a/c.rs"]]);
        assert_eq!(check(&Layers::parse("```layers\na ->\n```").unwrap(), &Imports::of(&files)).len(), 1);
        assert_eq!(check(&Layers::parse("```layers\nb ->\n```").unwrap(), &Imports::of(&files)).len(), 0);
    }

    #[test]
    fn a_child_that_gets_at_a_sibling_through_another_folder_is_in_a_circle() {
        let files = [
            ("a/lib.rs", "mod b; mod d;"),
            ("a/b/mod.rs", "mod c; pub mod e; pub struct B; use crate::d::D;"),
            ("a/b/c.rs", "use super::B;"),
            ("a/b/e.rs", "use super::B; pub struct E;"),
            ("a/d.rs", "use crate::b::e::E; pub struct D;"),
        ];
        assert_eq!(circles_of(&files), [["a/b/e.rs", "a/b/mod.rs", "a/d.rs"]]);
    }

    #[test]
    fn siblings_that_import_each_other_through_the_parents_reexports_are_a_circle() {
        let files = [
            ("a/lib.rs", "mod b; mod c; mod d; pub use b::B; pub use c::C; pub use d::D;"),
            ("a/b.rs", "use crate::C; pub struct B;"),
            ("a/c.rs", "use crate::D; pub struct C;"),
            ("a/d.rs", "use super::B; pub struct D;"),
        ];
        assert_eq!(circles_of(&files), [["a/b.rs", "a/c.rs", "a/d.rs"]]);
    }

    #[test]
    fn tests_may_import_their_parent() {
        let files = [
            ("a/lib.rs", "mod b; use b::B;"),
            ("a/b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::*; }"),
        ];
        assert_eq!(circles_of(&files), Vec::<Vec<String>>::new());
    }
}
