//! Who may import whom: the table of layers in ARCHITECTURE.md.
//!
//! A line of the table is `folder -> folders it may import`. A file belongs to the longest folder
//! (or file) at the left that its path begins with. It may import its own layer and everything
//! below the folders at the right; `front(folder)` allows only what the `mod.rs` of that folder has
//! or re-exports. After a line `[folder]`, names are those in that folder; a `/` before a name
//! leads back to the workspace's root.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::Finding;
use super::imports::{Import, Imports};

const PAGE: &str = "ARCHITECTURE.md";
const FENCE: &str = "```layers";

/// A line of the table.
pub struct Layer {
    folder: PathBuf,
    whole: Vec<PathBuf>,
    fronts: Vec<PathBuf>,
}

/// The table.
pub struct Layers(Vec<Layer>);

/// Finds imports that the table does not allow, and lines of the table that name nothing.
pub fn check(root: &Path, layers: &Layers, imports: &Imports) -> Vec<Finding> {
    let mut findings = layers.forbidden(imports);
    for path in layers.names().filter(|path| !root.join(path).exists()) {
        let text = format!("the table of layers names {}, which does not exist", path.display());
        findings.push(Finding::new(Path::new(PAGE), 1, "layer", text));
    }
    findings
}

impl Layers {
    /// Reads the table in ARCHITECTURE.md.
    pub fn read(root: &Path) -> Result<Self> {
        let page = fs::read_to_string(root.join(PAGE)).with_context(|| format!("cannot read {PAGE}"))?;
        Self::parse(&page)
    }

    /// Reads the table from a page that has it.
    pub fn parse(page: &str) -> Result<Self> {
        let table = page.split_once(FENCE).and_then(|(_, rest)| rest.split_once("```"));
        let (table, _) = table.with_context(|| format!("{PAGE} has no table that begins with {FENCE}"))?;
        let (mut layers, mut section) = (Vec::<Layer>::new(), PathBuf::new());
        let lines = table.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(folder) => section = folder.into(),
                None => add(&mut layers, layer(&section, line)?),
            }
        }
        ensure!(!layers.is_empty(), "the table of layers in {PAGE} is empty");
        Ok(Self(layers))
    }

    /// Returns the layer of a file, if the table has it.
    pub fn of(&self, file: &Path) -> Option<&Layer> {
        let above = self.0.iter().filter(|layer| file.starts_with(&layer.folder));
        above.max_by_key(|layer| layer.folder.components().count())
    }

    fn forbidden(&self, imports: &Imports) -> Vec<Finding> {
        let mut findings = Vec::new();
        for import in &imports.all {
            let Some(layer) = self.of(&import.from) else { continue };
            let is_own = self.of(&import.to).is_some_and(|other| other.folder == layer.folder);
            if !is_own && !layer.allows(import) {
                let (folder, to) = (layer.folder.display(), import.to.display());
                let text = format!("`{}` ({to}) is not open to {folder}", import.written);
                findings.push(Finding::new(&import.from, import.line, "layer", text));
            }
        }
        findings
    }

    fn names(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.iter().flat_map(|layer| [&layer.folder].into_iter().chain(&layer.whole).chain(&layer.fronts))
    }
}

/// Adds a line to the table. A folder may have several lines.
fn add(layers: &mut Vec<Layer>, line: Layer) {
    match layers.iter_mut().find(|layer| layer.folder == line.folder) {
        Some(layer) => {
            layer.whole.extend(line.whole);
            layer.fronts.extend(line.fronts);
        }
        None => layers.push(line),
    }
}

fn layer(section: &Path, line: &str) -> Result<Layer> {
    let (folder, targets) = line.split_once("->").with_context(|| format!("`{line}` has no arrow"))?;
    let path = |name: &str| match name.strip_prefix('/') {
        Some(name) => name.into(),
        None => section.join(name),
    };
    let mut layer = Layer { folder: path(folder.trim()), whole: Vec::new(), fronts: Vec::new() };
    for word in targets.split_whitespace() {
        match word.strip_prefix("front(").and_then(|word| word.strip_suffix(')')) {
            Some(front) => layer.fronts.push(path(front)),
            None => layer.whole.push(path(word)),
        }
    }
    Ok(layer)
}

impl Layer {
    fn allows(&self, import: &Import) -> bool {
        let is_below = |folder: &PathBuf| import.to.starts_with(folder) || import.door.starts_with(folder);
        self.whole.iter().any(is_below) || self.fronts.iter().any(|folder| is_front(folder, import))
    }
}

/// Returns `true` if the path ends at the folder's own module, or at a re-export in a module above
/// it.
fn is_front(folder: &Path, import: &Import) -> bool {
    let door = &import.door;
    let module = match door.file_name().and_then(|name| name.to_str()) {
        Some("mod.rs" | "lib.rs") => door.parent().unwrap_or(door).to_owned(),
        _ => door.with_extension(""),
    };
    let is_above = folder.starts_with(&module) && folder != module && import.to.starts_with(folder);
    module == folder || is_above
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[(&str, &str)] = &[
        ("a/lib.rs", "mod page; mod store; pub use page::Pager; pub use store::Store;"),
        ("a/page/mod.rs", "mod pager; pub mod index; pub use pager::Pager;"),
        ("a/page/pager.rs", "pub struct Pager;"),
        ("a/page/index.rs", "pub struct Index; fn f() { crate::store::open() }"),
        ("a/store/mod.rs", "use crate::page::Pager;\nuse crate::page::index::Index; pub fn open() {}"),
    ];

    fn found(table: &str) -> Vec<String> {
        let layers = Layers::parse(&format!("text\n{FENCE}\n{table}\n```\n")).unwrap();
        let findings = layers.forbidden(&Imports::of(FILES));
        findings.iter().map(|finding| format!("{}:{}", finding.file.display(), finding.line)).collect()
    }

    #[test]
    fn an_arrow_that_points_up_is_found() {
        assert_eq!(found("a/page ->\na/store -> a/page"), ["a/page/index.rs:1"]);
        assert_eq!(found("a/page -> a/store\na/store -> a/page"), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_listed_is_found() {
        assert_eq!(found("a/store ->"), ["a/store/mod.rs:1", "a/store/mod.rs:2"]);
    }

    #[test]
    fn the_front_of_a_folder_does_not_open_its_inside() {
        assert_eq!(found("a/store -> front(a/page)"), ["a/store/mod.rs:2"]);
    }

    #[test]
    fn a_reexport_at_the_crates_root_is_a_front_as_well() {
        let files = [
            ("a/lib.rs", "mod page; mod store; pub use page::Pager;"),
            ("a/page/mod.rs", "pub struct Pager;"),
            ("a/store.rs", "use crate::Pager;"),
        ];
        let forbidden = |table: &str| Layers::parse(table).unwrap().forbidden(&Imports::of(&files)).len();
        assert_eq!(forbidden("```layers\na/store.rs -> front(a/page)\n```"), 0);
        assert_eq!(forbidden("```layers\na/store.rs -> front(a/other)\n```"), 1);
    }

    #[test]
    fn a_file_belongs_to_the_longest_folder() {
        let table = "a ->\na/store -> a/page\na/page/index.rs ->";
        let expected = ["a/lib.rs:1", "a/page/index.rs:1"];
        assert_eq!(found(table)[..], expected);
    }

    #[test]
    fn names_after_a_heading_are_those_in_its_folder() {
        assert_eq!(found("[a]\npage ->\nstore -> page"), ["a/page/index.rs:1"]);
        assert_eq!(found("[b]\n/a/page -> /a/store"), Vec::<String>::new());
    }

    #[test]
    fn a_page_without_a_table_is_an_error() {
        assert!(Layers::parse("no table").is_err());
        assert!(Layers::parse("```layers\na b\n```").is_err());
    }
}
