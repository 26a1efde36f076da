//! Std's source, if it is installed (`rustup component add rust-src`), and the methods in it.

use std::path::Path;
use std::process::Command;

/// Returns a file of the library's source.
pub fn read(path: &str) -> Option<String> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let sysroot = String::from_utf8(sysroot.stdout).ok()?;
    let path = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").join(path);
    std::fs::read_to_string(path).ok()
}

/// Returns the stable public methods in the inherent `impl` blocks of a type.
pub fn methods(source: &str, ty: &str) -> Vec<String> {
    let (mut methods, mut inside, mut unstable): (Vec<String>, bool, bool) = (Vec::new(), false, false);
    for line in source.lines() {
        if let Some(block) = line.strip_prefix("impl") {
            let of = behind_generics(block);
            inside = !line.contains(" for ") && of.starts_with(&format!("{ty}<"));
        }
        if line == "}" {
            inside = false;
        }
        let text = line.trim_start();
        unstable |= text.starts_with("#[unstable(");
        let function = text.strip_prefix("pub const fn ").or(text.strip_prefix("pub fn "));
        let function = function.or(text.strip_prefix("pub unsafe fn "));
        if let Some(function) = function {
            let name: String = function.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if inside && !unstable && !methods.contains(&name) {
                methods.push(name);
            }
            unstable = false;
        }
    }
    methods
}

/// Returns the text after `<...>` at the beginning of a text.
fn behind_generics(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text[at + c.len_utf8()..].trim_start();
        }
    }
    text
}

#[test]
fn methods_are_found() {
    let source = "impl<K, V> Map<K, V> {\n    pub const fn new() {\n    }\n    #[unstable(x)]\n    \
                  pub fn later(&self) {}\n    fn private() {}\n    pub fn get<Q>(&self) {}\n}\n\
                  impl<K, V, A: Clone> Map<K, V, A> {\n    pub fn len(&self) {}\n}\n\
                  impl<'a, K> Entry<'a, K> {\n    pub fn key() {}\n}\n\
                  impl<K, V> Other<K> for Map<K, V> {\n    pub fn no() {}\n}\n";
    assert_eq!(methods(source, "Map"), ["new", "get", "len"]);
}
