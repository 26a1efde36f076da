//! A page and the files that it names in one file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The word without which the browser runs no script of the page: see its security policy.
const NONCE: &str = "nonce=\"graven\"";

/// Returns the page of a folder with its style and its scripts. Each stands on a line of its own.
pub fn page(folder: &Path, reader: &[u8]) -> Result<String> {
    let index = read(folder, "index.html")?;
    let lines = index.lines().map(|line| match (named(line, "href"), named(line, "src")) {
        (Some(name), _) if line.starts_with("<link rel=\"stylesheet\"") => {
            Ok(format!("<style {NONCE}>\n{}</style>\n", whole(folder, name, "</style")?))
        }
        (_, Some(name)) if line.starts_with("<script") => {
            let content = match name {
                "reader.wasm" => BASE64_STANDARD.encode(reader),
                name => whole(folder, name, "</script")?,
            };
            let tag = line.replace(&format!("src=\"{name}\""), NONCE).replace("></script>", ">");
            Ok(format!("{tag}\n{content}</script>\n"))
        }
        _ => Ok(format!("{line}\n")),
    });
    lines.collect()
}

fn read(folder: &Path, name: &str) -> Result<String> {
    let file = folder.join(name);
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// Returns a file that does not contain the tag which would end it in a page.
fn whole(folder: &Path, name: &str, end: &str) -> Result<String> {
    let text = read(folder, name)?;
    ensure!(!text.contains(end), "{name} contains `{end}`");
    Ok(text)
}

/// Returns the value of an attribute in a line.
fn named<'a>(line: &'a str, attribute: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!(" {attribute}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn the_page_names_no_other_file() {
        let folder = Workspace::find().unwrap().root().join("examples/explorer/page");
        let page = page(&folder, b"\0asm").unwrap();
        for outside in ["src=\"", "href=\"s", "url(", "import ", "innerHTML", "insertAdjacentHTML"] {
            assert!(!page.contains(outside), "{outside}");
        }
        // The addresses are those that may be asked for a canister, and the network in the form.
        let (policy, network) = ("connect-src https: http://localhost:* ", "value=\"https://icp-api.io\"");
        for (word, most) in [(policy, 1), (network, 1), ("https:", 2), ("http:", 3)] {
            assert_eq!(page.matches(word).count(), most, "{word}");
        }
        assert!(page.contains("id=\"reader\" nonce=\"graven\">\nAGFzbQ==</script>"));
        let files = fs::read_dir(&folder).unwrap().flatten();
        for file in files.filter(|file| file.file_name() != "index.html") {
            let text = fs::read_to_string(file.path()).unwrap();
            assert!(page.contains(&text), "{} is not in the page", file.path().display());
        }
    }
}
