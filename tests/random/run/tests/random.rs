//! Tests the program that shortens the histories that fail. The shards run them.

use graven_random_tests::shrink::shorten;

#[test]
fn what_does_not_matter_is_left_out() {
    let fails = |numbers: &[u32]| {
        (numbers.contains(&3) && numbers.contains(&41)).then(|| format!("{} numbers", numbers.len()))
    };
    let (left, why) = shorten((0..100).collect(), "100 numbers".into(), fails);
    assert_eq!((left.as_slice(), why.as_str()), ([3, 41].as_slice(), "2 numbers"));
}
