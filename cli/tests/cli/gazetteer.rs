//! The demo's canister with lines in the form of its file. `cargo xtask demo` does the same with
//! all 144,563 places.

use graven_demo::gazetteer::Gazetteer;
use graven_demo::look::{FIELDS, compare};
use graven_demo::rows;

use crate::rehearse::canister;
use crate::support::Folder;

const PLACES: &str = "\
lat,lon,name,admin1,admin2,cc
42.57952,1.65362,El Tarter,Canillo,,AD
-0.5,180,\"Saint-Denis, the \"\"upper\"\" one\",,,FR
47.36667,8.55,Zürich,Zurich,Bezirk Zürich,CH
";

#[test]
fn a_dump_has_the_lines_of_the_file() {
    let folder = Folder::new();
    let wasm = |version| std::fs::read(canister(&format!("gazetteer-v{version}"))).unwrap();
    let place = |number| format!("{}.125,-{}.5,place {number},a,b,CH\n", number % 90, number % 180);
    let many: String = (0..700).map(place).collect();
    let rows = rows::read(&folder.write("places.csv", format!("{PLACES}{many}").as_bytes()), 1_000).unwrap();
    let mut gazetteer = Gazetteer::install(&wasm(1)).unwrap();
    gazetteer.load(&rows, |_| ()).unwrap();
    gazetteer.upgrade(&wasm(2)).result.unwrap();
    gazetteer.upgrade(&wasm(3)).result.unwrap();
    while gazetteer.sweep(500).unwrap().0.done != Some(true) {}
    folder.write("memory.bin", &gazetteer.canister.stable_image());
    assert_eq!(folder.run(&["verify", "memory.bin"]).code, 0);
    let mut words = vec!["dump", "memory.bin", "places", "--format", "csv"];
    words.extend(FIELDS.iter().flat_map(|field| ["--field", field]));
    let dumped = folder.run(&words).out;
    assert_eq!(compare(dumped.as_bytes(), &rows).unwrap(), 703);
    // What is missing, too much or different is found.
    assert!(compare(dumped.as_bytes(), &rows[..702]).is_err());
    assert!(compare(dumped.replace("place 17,", "place 18,").as_bytes(), &rows).is_err());
    let (first, _) = dumped.trim_end().rsplit_once('\n').unwrap();
    assert!(compare(first.as_bytes(), &rows).is_err());
}
