//! Runs the random histories of all shards, and tests the program that shortens those that fail.

use graven_random_tests::shrink::shorten;

macro_rules! shards {
    ($($shard:ident: $crate_name:ident;)*) => {$(
        mod $shard {
            #[test]
            fn the_first_half() {
                $crate_name::run(0);
            }

            #[test]
            fn the_second_half() {
                $crate_name::run(1);
            }
        }
    )*};
}

shards! {
    a: graven_random_shard_a;
    b: graven_random_shard_b;
    c: graven_random_shard_c;
    d: graven_random_shard_d;
}

#[test]
fn what_does_not_matter_is_left_out() {
    let fails = |numbers: &[u32]| {
        (numbers.contains(&3) && numbers.contains(&41)).then(|| format!("{} numbers", numbers.len()))
    };
    let (left, why) = shorten((0..100).collect(), "100 numbers".into(), fails);
    assert_eq!((left.as_slice(), why.as_str()), ([3, 41].as_slice(), "2 numbers"));
}
