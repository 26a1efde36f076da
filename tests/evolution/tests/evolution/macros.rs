//! Types that `macro_rules!` makes are the same as those that are written by hand: a fragment keeps
//! its grouping.

use graven::StableLayout;
use graven::schema::encode;
use graven_evolution_tests::read;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Old {
    x: u32,
    old: u16,
}

#[derive(Debug, PartialEq)]
struct Made<const N: usize>;

macro_rules! record {
    ($d:expr, $n:expr, $with:expr, $old:ty, $new:ty, $($name:ident)+) => {
        #[derive(Debug, PartialEq, StableLayout)]
        #[layout(version = 2, name = "Old")]
        struct Record {
            x: $old,
            #[layout(renamed(old, until = 2), was(u16, until = 2, with = $with))]
            new: $new,
            #[layout(since = 2, default = $d * 2)]
            twice: u32,
            #[layout(since = 2, default = 2 * $d)]
            doubled: u32,
            #[layout(since = 2, default = $d)]
            once: u32,
            #[layout(since = 2, default = -($d as i32))]
            negative: i32,
            #[layout(since = 2, default = u32::pow($d, 2) + u32::min($d * 2, $d))]
            squared: u32,
            #[layout(since = 2, default = [$d; $n * 2])]
            array: [u32; $n * 2],
            #[layout(since = 2, default = [0; $n])]
            plain: [u8; $n],
            #[layout(since = 2, default = wrapped::<{ $n * 2 }>())]
            wrapped: graven::Text<{ $n * 2 }>,
            #[layout(since = 2, default = <$old>::MAX)]
            largest: $old,
            $(#[layout(since = 2)] $name: u8,)+
        }
    };
}

record!(1 + 2, 1 + 1, |old| u64::from(old) + 1, u32, u64, a b);

fn wrapped<const N: usize>() -> graven::Text<N> {
    graven::Text::new("ab").unwrap()
}

#[test]
fn expressions_from_macros_keep_their_grouping() {
    let expected = Record {
        x: 7,
        new: 9,
        twice: 6,
        doubled: 6,
        once: 3,
        negative: -3,
        squared: 12,
        array: [3; 4],
        plain: [0; 2],
        wrapped: wrapped(),
        largest: u32::MAX,
        a: 0,
        b: 0,
    };
    assert_eq!(read::<Old, Record>(&Old { x: 7, old: 8 }), expected);
}

macro_rules! negative {
    ($d:expr) => {
        #[derive(Debug, PartialEq, StableLayout)]
        #[layout(version = 2, name = "Old")]
        struct Negative {
            x: u32,
            old: u16,
            #[layout(since = 2, default = -$d)]
            y: i32,
            #[layout(since = 2, default = !$d & 0xff)]
            z: i32,
        }
    };
}

negative!(1 + 2);

#[test]
fn a_sign_before_an_expression_from_a_macro_is_for_all_of_it() {
    let read = read::<Old, Negative>(&Old { x: 7, old: 8 });
    assert_eq!((read.y, read.z), (-3, 0xfc));
}

trait Number {
    type Stored: StableLayout + Default;
}

impl<const N: usize> Number for Made<N> {
    type Stored = u16;
}

macro_rules! arguments {
    ($n:expr, $t:ty, $tag:expr, $version:literal, $previous:ty, $path:path, $vis:vis, $disc:expr) => {
        #[derive(StableLayout)]
        #[layout(version = $version, previous = $previous)]
        $vis struct Arguments {
            $vis short: graven::Text<{ $n }>,
            stored: <$t as Number>::Stored,
            path: $path,
        }

        #[derive(Clone, Copy, Debug, PartialEq, StableLayout)]
        #[layout(version = 1)]
        #[repr(i16)]
        $vis enum Tags {
            #[layout(tag = $tag)]
            First = $disc * 2,
            #[layout(tag = 9)]
            Last = 90,
        }
    };
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct Before {
    old: u8,
}

impl From<Before> for Arguments {
    fn from(before: Before) -> Self {
        Arguments { short: Default::default(), stored: before.old.into(), path: Vec::new() }
    }
}

arguments!(1 + 2, Made<3>, 4, 2, Before, std::vec::Vec<u8>, pub(crate), 1 + 2);

#[test]
fn arguments_and_tags_from_macros_are_as_written_by_hand() {
    let arguments = read::<Before, Arguments>(&Before { old: 5 });
    assert_eq!((arguments.stored, arguments.path.len()), (5, 0));
    assert_eq!(arguments.short, graven::Text::<3>::default());
    assert_eq!((encode(&Tags::First), encode(&Tags::Last)), (vec![4], vec![9]));
    assert_eq!(Tags::First as i16, 6);
}

macro_rules! removed {
    ($t:ty, $d:expr) => {
        #[derive(StableLayout)]
        #[layout(version = 1, name = "Choice")]
        enum Choice1 {
            Gone($t, u8),
            Here,
        }

        #[derive(Debug, PartialEq, StableLayout)]
        #[layout(version = 2)]
        enum Choice {
            #[layout(removed(Gone($t, u8), until = 2, with = |a, b| Choice::Sum(u64::from(a) * $d + u64::from(b))))]
            Here,
            #[layout(since = 2)]
            Sum(u64),
        }
    };
}

removed!(u32, 1 + 1);

#[test]
fn conversions_of_removed_variants_keep_the_grouping() {
    assert_eq!(read::<Choice1, Choice>(&Choice1::Gone(10, 3)), Choice::Sum(23));
    assert_eq!(read::<Choice1, Choice>(&Choice1::Here), Choice::Here);
}
