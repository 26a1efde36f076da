//! `inspect --html`: one file that works offline, with data that are never markup.

use std::path::Path;
use std::process::Command;

use graven::{BTreeMap, DefaultMemoryImpl};

use crate::support::Folder;
use crate::town;

/// Returns the data of a page.
fn data(page: &str) -> serde_json::Value {
    let (_, data) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    serde_json::from_str(data).unwrap()
}

#[test]
fn the_page_has_all_pages_of_the_memory() {
    let folder = Folder::new();
    folder.write("memory.bin", &town::memory());
    let said = folder.run(&["inspect", "memory.bin", "--html", "page.html"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{said:?}");
    let page = folder.read("page.html");
    let data = data(&page);
    let cells = data["cells"].as_array().unwrap();
    assert_eq!(cells.len() as u64, data["facts"]["pages"].as_u64().unwrap());
    // The superblock is the store's, and each page belongs to something.
    assert_eq!(cells[0], serde_json::json!([-1, -1, 0]));
    assert!(cells.iter().all(|cell| cell[0] != -4));
    for (at, root) in data["facts"]["roots"].as_array().unwrap().iter().enumerate() {
        let own = cells.iter().filter(|cell| cell[0] == at).count() as u64;
        assert_eq!(own, root["pages"].as_u64().unwrap(), "{}", root["name"]);
    }
    assert!(cells.iter().any(|cell| cell[2] == 1), "a leaf is old");
    for outside in ["http:", "https:", "src=", "href="] {
        assert!(!page.contains(outside), "{outside}");
    }
}

/// Writes a page about roots with names that are markup.
fn hostile(folder: &Folder) {
    let memory = DefaultMemoryImpl::default();
    const NAME: &str = "</script><script>document.title = 'hostile'</script><img src=x>";
    let mut map: BTreeMap<u64, u64> = graven_collections::open(NAME, memory.clone()).unwrap();
    map.insert(1, 2);
    drop(map);
    folder.write("memory.bin", &memory.borrow());
    assert_eq!(folder.run(&["inspect", "memory.bin", "--html", "page.html"]).code, 0);
}

#[test]
fn names_are_no_markup() {
    let folder = Folder::new();
    hostile(&folder);
    let page = folder.read("page.html");
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img"), "{page}");
}

/// Chromium, where it is installed, draws the page and shows hostile names as text.
#[test]
fn a_browser_shows_it() {
    let Some(chromium) = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    }) else {
        eprintln!("no browser is installed: the page is not looked at");
        return;
    };
    let dom = |path: &Path| {
        let mut browser = Command::new(chromium);
        browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
        let output = browser.arg(format!("file://{}", path.display())).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let folder = Folder::new();
    hostile(&folder);
    let shown = dom(&folder.path("page.html"));
    assert!(shown.contains("<title>Graven memory</title>"), "{shown}");
    assert!(shown.contains("&lt;/script&gt;&lt;script&gt;document.title"), "{shown}");
    folder.write("memory.bin", &town::memory());
    folder.run(&["inspect", "memory.bin", "--html", "page.html"]);
    let shown = dom(&folder.path("page.html"));
    assert!(shown.contains("<code>users: BTreeMap&lt;u64, User&gt;</code>"), "{shown}");
    assert!(shown.contains("User v1: 5 pages") && shown.contains("<canvas"), "{shown}");
}
