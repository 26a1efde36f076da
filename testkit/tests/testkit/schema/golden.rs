//! Golden files: written once, compared from then on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use graven_testkit::Image;

use super::{panic_of, v1, v2};

/// Tells the test in a process of its own where its golden file is.
const FILE: &str = "GRAVEN_TESTKIT_GOLDEN";

/// The test that a user would write, run by others in a process of its own, as only the environment
/// says whether files are compared or written.
#[test]
#[ignore = "a part of others"]
fn a_users_test() {
    if let Some(path) = std::env::var_os(FILE) {
        v1::image(3).assert_golden(PathBuf::from(path));
    }
}

fn run(path: &Path, bless: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "schema::golden::a_users_test", "--ignored", "--nocapture"])
        .env(FILE, path)
        .env("GRAVEN_BLESS", bless)
        .output()
        .unwrap()
}

/// Returns the message of the user's test if it fails.
fn failure(path: &Path, bless: &str) -> Option<String> {
    let output = run(path, bless);
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_golden_file_is_written_on_demand_and_kept_to_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("golden/forum-v1.image");
    let missing = failure(&path, "").expect("there is no file yet");
    assert!(missing.contains("forum-v1.image: "), "{missing}");
    assert!(
        missing.contains("run the test with GRAVEN_BLESS=1 to write it, and commit the file"),
        "{missing}"
    );
    assert!(!path.exists());

    assert_eq!(failure(&path, "1"), None);
    assert_eq!(failure(&path, ""), None);
    assert_eq!(failure(&path, "0"), None);
    let golden = Image::load(&path).unwrap();
    assert_eq!(golden.open::<v2::Forum>().users.get(&2).unwrap().karma, 10);

    let mut bytes = golden.clone().into_bytes();
    bytes[8192 + 100] ^= 0xff;
    std::fs::write(&path, &bytes).unwrap();
    let differs = failure(&path, "0").expect("a byte was changed");
    assert!(differs.contains("1 page of 4 KiB differ, first here (page:offset bytes)"), "{differs}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "only GRAVEN_BLESS=1 writes");
    assert_eq!(failure(&path, "1"), None);
    assert_eq!(Image::load(&path).unwrap(), golden);
}

/// Returns the words where a golden file holds `golden`, and `now` is written.
fn difference(golden: &Image, now: &Image) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("forum-v1.image");
    golden.save(&path).unwrap();
    panic_of(|| now.assert_golden(&path))
}

#[test]
fn the_first_difference_is_shown_with_its_place() {
    let mut bytes = vec![0; 2 * 65_536];
    let golden = Image::new(bytes.clone());
    (bytes[3 * 4096 + 0x123], bytes[4 * 4096], bytes[9 * 4096 + 5]) = (0xab, 1, 2);
    let words = difference(&golden, &Image::new(bytes.clone()));
    let zeros = " 00".repeat(15);
    assert!(words.contains("this code writes another image than "), "{words}");
    assert!(
        words.contains(&format!(
            "3 pages of 4 KiB differ, first here (page:offset bytes)\n  \
             expected 3:120 00{zeros}\n  found    3:120 00 00 00 ab{}\n",
            " 00".repeat(12)
        )),
        "{words}"
    );
    let longer = difference(&golden, &Image::new([golden.bytes(), &[0; 65_536]].concat()));
    assert!(
        longer.contains(&format!(
            "16 pages of 4 KiB differ, first here (page:offset bytes)\n  \
             expected 32:000 nothing, the memory ends before\n  found    32:000 00{zeros}\n"
        )),
        "{longer}"
    );
}

#[test]
fn another_version_is_named() {
    let now = Image::build(|forum: &mut v2::Forum| {
        forum.users.insert(0, v2::User { name: "user 0".into(), karma: 1 });
    });
    let words = difference(&v1::image(3), &now);
    assert!(
        words.contains("\n  expected users: BTreeMap<u64, User>, 3 entries, 1 page of User v1\n"),
        "{words}"
    );
    assert!(
        words.contains("\n  found    users: BTreeMap<u64, User>, 1 entry, 1 page of User v2\n"),
        "{words}"
    );
    assert!(
        words.contains("If it was released, the file stays as it is: load it with `Image::load`"),
        "{words}"
    );
}
