//! A file's modules, the names they bind, and the paths they mention, read from the file's tokens.
//!
//! Tokens are enough: a path is a path in an expression, a `use`, a macro's argument or an
//! attribute alike. What stands under `#[cfg(test)]` is left out, because tests may look anywhere.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A path, one segment after the other: `["crate", "page", "Pager"]`.
pub type Segments = Vec<String>;

/// A module: a file's own, or an inline one.
#[derive(Default)]
pub struct Module {
    /// The names below the file's own module; empty for that one.
    pub path: Segments,
    /// Modules declared here, in files or inline.
    pub children: BTreeSet<String>,
    /// Names that `use` binds here, and the paths they stand for.
    pub bindings: BTreeMap<String, Segments>,
    /// The modules whose names `use …::*` binds here.
    pub globs: Vec<Segments>,
    /// Items defined here.
    pub items: BTreeSet<String>,
    /// All paths mentioned here.
    pub mentions: Vec<Mention>,
}

impl Module {
    /// Returns the path that a name is bound to, unless that path begins with another bound name.
    pub fn bound(&self, name: &str) -> Option<&Segments> {
        self.bindings.get(name).filter(|bound| !self.bindings.contains_key(&bound[0]))
    }
}

/// A path in the source.
pub struct Mention {
    pub line: usize,
    pub path: Segments,
    /// `true` for the path of a `pub use`.
    pub is_reexport: bool,
    /// `true` for the path of any `use`.
    pub is_use: bool,
}

/// The modules of a file.
#[derive(Default)]
pub struct File {
    /// The file's own module and the inline ones.
    pub modules: Vec<Module>,
    /// Modules in other files that only tests have.
    pub test_children: BTreeSet<String>,
}

/// Keywords whose next identifier is an item's name.
const ITEMS: &[&str] = &["fn", "struct", "enum", "trait", "type", "const", "static", "union", "macro_rules"];

/// Reads the text of a Rust file.
pub fn parse(text: &str) -> Result<File> {
    let tokens: TokenStream = text.parse().map_err(|error| anyhow!("{error}"))?;
    let mut file = File::default();
    let own = scan_module(Vec::new(), tokens, &mut file);
    file.modules.insert(0, own);
    Ok(file)
}

fn scan_module(path: Segments, tokens: TokenStream, file: &mut File) -> Module {
    let mut module = Module { path, ..Module::default() };
    Scan { module: &mut module, file, is_top: true }.run(tokens);
    module
}

/// One pass over the tokens of a module, or of a group inside it.
struct Scan<'scan> {
    module: &'scan mut Module,
    file: &'scan mut File,
    /// `true` at the level of items, where names are bound.
    is_top: bool,
}

impl Scan<'_> {
    fn run(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.step(&tokens, at);
        }
    }

    /// Takes what begins at a token. Returns the position of what comes next.
    fn step(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if is_punct(tokens.get(at), '#') {
            return self.attribute(tokens, at);
        }
        match &tokens[at] {
            TokenTree::Ident(ident) if ident == "use" => self.uses(tokens, at),
            TokenTree::Ident(ident) if ident == "mod" && self.is_top => self.child(tokens, at),
            TokenTree::Ident(ident) => {
                let next = tokens.get(at + 1 + usize::from(ident == "macro_rules"));
                if self.is_top
                    && ITEMS.iter().any(|keyword| ident == keyword)
                    && let Some(TokenTree::Ident(name)) = next
                {
                    self.module.items.insert(name.to_string());
                }
                self.path(tokens, at)
            }
            TokenTree::Group(group) => {
                Scan { module: self.module, file: self.file, is_top: false }.run(group.stream());
                at + 1
            }
            _ => at + 1,
        }
    }

    /// Passes an attribute, and the item under `#[cfg(test)]` with it.
    fn attribute(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let group = at + 1 + usize::from(is_punct(tokens.get(at + 1), '!'));
        let Some(TokenTree::Group(attribute)) = tokens.get(group) else { return at + 1 };
        if !is_cfg_test(attribute) {
            return group + 1;
        }
        let mut end = group + 1;
        while end < tokens.len() {
            let is_end = match &tokens[end] {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                token => is_punct(Some(token), ';'),
            };
            if let [TokenTree::Ident(word), TokenTree::Ident(name), ..] = &tokens[end..]
                && word == "mod"
            {
                self.file.test_children.insert(name.to_string());
            }
            end += 1;
            if is_end {
                break;
            }
        }
        end
    }

    /// `mod name;` or `mod name { … }`.
    fn child(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let Some(TokenTree::Ident(name)) = tokens.get(at + 1) else { return at + 1 };
        self.module.children.insert(name.to_string());
        if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
            let path = extended(&self.module.path, &name.to_string());
            let child = scan_module(path, body.stream(), self.file);
            self.file.modules.push(child);
        }
        at + 3
    }

    /// `use …;`, with the visibility before it.
    fn uses(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let rest = &tokens[at + 1..];
        let length = rest.iter().position(|token| is_punct(Some(token), ';')).unwrap_or(rest.len());
        let mut leaves = Vec::new();
        leaves_of(&Vec::new(), &rest[..length], &mut leaves);
        let is_reexport = at.checked_sub(1).is_some_and(|before| is_visibility(tokens, before));
        let line = tokens[at].span().start().line;
        for leaf in leaves {
            let mention = Mention { line, path: leaf.path.clone(), is_reexport, is_use: true };
            self.module.mentions.push(mention);
            match leaf.name {
                _ if !self.is_top => {}
                Some(name) => _ = self.module.bindings.insert(name, leaf.path),
                None => self.module.globs.push(leaf.path),
            }
        }
        at + length + 2
    }

    /// An identifier and, if it is the first of several, the whole path.
    fn path(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let mut path = Vec::new();
        let mut end = at;
        while let Some(TokenTree::Ident(ident)) = tokens.get(end) {
            path.push(ident.to_string());
            end += 1;
            if !is_double_colon(tokens, end) {
                break;
            }
            end += 2;
        }
        // `::name` names a crate wherever it is compiled: what a macro writes is not an import of
        // its crate.
        let is_absolute = at >= 2 && is_double_colon(tokens, at - 2);
        if path.len() > 1 && !is_absolute {
            let line = tokens[at].span().start().line;
            self.module.mentions.push(Mention { line, path, is_reexport: false, is_use: false });
        }
        end.max(at + 1)
    }
}

/// A leaf of a `use` tree.
struct Leaf {
    path: Segments,
    /// The bound name; `None` for `*`.
    name: Option<String>,
}

fn leaves_of(prefix: &Segments, tokens: &[TokenTree], leaves: &mut Vec<Leaf>) {
    for branch in tokens.split(|token| is_punct(Some(token), ',')) {
        branch_of(prefix, branch, leaves);
    }
}

fn branch_of(prefix: &Segments, tokens: &[TokenTree], leaves: &mut Vec<Leaf>) {
    let mut path = prefix.clone();
    let mut alias = None;
    let mut words = tokens.iter();
    while let Some(token) = words.next() {
        match token {
            TokenTree::Ident(ident) if ident == "as" => alias = words.next().map(ToString::to_string),
            // `a::{self}` binds `a`.
            TokenTree::Ident(ident) if ident == "self" && path.len() > 1 => {}
            TokenTree::Ident(ident) => path.push(ident.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                return leaves_of(&path, &inner, leaves);
            }
            TokenTree::Punct(punct) if punct.as_char() == '*' => {
                return leaves.push(Leaf { path, name: None });
            }
            _ => {}
        }
    }
    if let Some(last) = path.last().cloned() {
        leaves.push(Leaf { path, name: Some(alias.unwrap_or(last)) });
    }
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_double_colon(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')
}

fn is_cfg_test(attribute: &Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "cfg(test)"
}

/// Returns `true` for the end of `pub` or `pub(crate)`.
fn is_visibility(tokens: &[TokenTree], at: usize) -> bool {
    let is_pub = |at: usize| matches!(&tokens[at], TokenTree::Ident(ident) if ident == "pub");
    match &tokens[at] {
        TokenTree::Group(_) => at > 0 && is_pub(at - 1),
        _ => is_pub(at),
    }
}

/// Returns the path with one more segment.
#[must_use]
pub fn extended(path: &[String], segment: &str) -> Segments {
    path.iter().cloned().chain([segment.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &str) -> Vec<String> {
        let file = parse(text).unwrap();
        let all = file.modules.iter().flat_map(|module| &module.mentions);
        all.map(|mention| mention.path.join("::")).collect()
    }

    #[test]
    fn a_tree_of_uses_is_taken_apart() {
        let text = "use crate::page::{Pager, index::{self, Index as I}, links::*};";
        let expected = ["crate::page::Pager", "crate::page::index", "crate::page::index::Index"];
        assert_eq!(mentions(text), [&expected[..], &["crate::page::links"]].concat());
        let own = &parse(text).unwrap().modules[0];
        let names: Vec<&str> = own.bindings.keys().map(String::as_str).collect();
        assert_eq!(names, ["I", "Pager", "index"]);
        assert_eq!(own.globs, [["crate", "page", "links"]]);
    }

    #[test]
    fn paths_in_bodies_and_macros_are_mentioned() {
        let text = "fn f() { crate::a::b(); assert!(super::c::D > 0); x.y }";
        assert_eq!(mentions(text), ["crate::a::b", "super::c::D"]);
    }

    #[test]
    fn tests_and_comments_mention_nothing() {
        let text = "/// [`crate::a`]\n#[cfg(test)]\nmod tests { use super::*; }\nfn f() { crate::b::c() }";
        assert_eq!(mentions(text), ["crate::b::c"]);
        assert!(parse("#[cfg(test)] mod cases;").unwrap().test_children.contains("cases"));
    }

    #[test]
    fn a_path_that_begins_with_colons_is_no_import() {
        assert_eq!(mentions("quote! { ::graven::Store::open() }"), Vec::<String>::new());
    }

    #[test]
    fn a_reexport_is_told_from_an_import() {
        let text = "pub(crate) use a::B; use c::D; pub use e::F;";
        let file = parse(text).unwrap();
        let reexports: Vec<bool> = file.modules[0].mentions.iter().map(|m| m.is_reexport).collect();
        assert_eq!(reexports, [true, false, true]);
    }
}
