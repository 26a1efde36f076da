//! Light changes of enums: what is stored is refused with a fix; taken by its word, the fix
//! compiles, and the old values are read.

use graven::StableLayout;
use graven_evolution_tests::{fixes, read};

mod was {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub enum Shape {
        Nothing,
        Square(u8),
        Circle { radius: u8, name: String },
        Line(u16, u16),
    }
}

/// Nothing and Line are gone, Square is called otherwise, Circle has other fields, Point is new.
mod is {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    #[allow(dead_code)]
    pub enum Shape {
        #[layout(tag = 1)]
        Box(u8),
        Circle {
            radius: u16,
            title: String,
            fill: bool,
        },
        #[layout(tag = 9)]
        Point,
    }
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2)]
#[layout(removed(Line(u16, u16), tag = 3, until = 2, with = |from, to| Shape::Box((to - from) as u8)))]
enum Shape {
    #[layout(renamed(Square, until = 2))]
    #[layout(tag = 1)]
    Box(u8),
    #[layout(removed(Nothing, tag = 0, until = 2, with = || Shape::Point))]
    #[layout(tag = 2)]
    Circle {
        #[layout(was(u8, until = 2))]
        radius: u16,
        #[layout(renamed(name, until = 2))]
        title: String,
        #[layout(since = 2, default = true)]
        fill: bool,
    },
    #[layout(since = 2)]
    #[layout(tag = 9)]
    Point,
}

#[test]
fn the_fixes_are_the_attributes() {
    assert_eq!(
        fixes::<was::Shape, is::Shape>(),
        [
            "put it back, or make this version 2 and add `#[layout(removed(Nothing, tag = 0, until = 2, with = || \
             …))]` before variant `Circle`",
            "make this version 2 and add `#[layout(renamed(Square, until = 2))]` to `Box`, or give every variant \
             back the place (or `tag`) it had",
            "make this version 2 and add `#[layout(renamed(name, until = 2))]` to `title`; if that is another \
             field, say `removed(name: String, until = 2)` and `since = 2`",
            "make this version 2 and add `#[layout(since = 2, default = …)]` to `fill`",
            "make this version 2 and add `#[layout(was(u8, until = 2))]` to `radius`",
            "put it back, or make this version 2 and add `#[layout(removed(Line(u16, u16), tag = 3, until = 2, \
             with = |_, _| …))]` to the enum",
            "make this version 2 and add `#[layout(since = 2)]` to `Point`",
        ]
    );
}

#[test]
fn every_variant_is_read() {
    assert_eq!(read::<_, Shape>(&was::Shape::Nothing), Shape::Point);
    assert_eq!(read::<_, Shape>(&was::Shape::Square(4)), Shape::Box(4));
    let circle = was::Shape::Circle { radius: 3, name: "o".into() };
    assert_eq!(read::<_, Shape>(&circle), Shape::Circle { radius: 3, title: "o".into(), fill: true });
    assert_eq!(read::<_, Shape>(&was::Shape::Line(2, 9)), Shape::Box(7));
    let lines = vec![Some((was::Shape::Line(2, 9), 1u8)), None];
    assert_eq!(read::<_, Vec<Option<(Shape, u8)>>>(&lines), [Some((Shape::Box(7), 1)), None]);
}

/// All that have a constant size: what is shorter is filled up.
mod level {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub enum V1 {
        Off,
        Low,
        High(u8),
    }

    #[derive(StableLayout)]
    #[layout(version = 2)]
    pub enum V2 {
        Off,
        #[layout(tag = 2)]
        High(u8, u32),
        Exact(u64),
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 4)]
    pub enum V4 {
        Off,
        #[layout(removed(Low, until = 2, with = || V4::Top { level: 1, more: 0 }))]
        #[layout(renamed(High, until = 4), moved(0, 1, until = 4))]
        Top {
            #[layout(renamed(1, until = 4), since = 2, default = 5)]
            more: u32,
            #[layout(renamed(0, until = 4))]
            level: u8,
        },
        #[layout(removed(Exact(u64), since = 2, until = 3, with = |n| V4::New(n.to_string())))]
        #[layout(since = 4)]
        New(String),
    }
}

#[test]
fn tombstones_keep_tags_and_versions_are_skipped() {
    use level::{V1, V2, V4};
    assert_eq!(read::<_, V4>(&V1::Off), V4::Off);
    assert_eq!(read::<_, V4>(&V1::Low), V4::Top { level: 1, more: 0 });
    assert_eq!(read::<_, V4>(&V1::High(9)), V4::Top { level: 9, more: 5 });
    assert_eq!(read::<_, V4>(&V2::Off), V4::Off);
    assert_eq!(read::<_, V4>(&V2::High(9, 8)), V4::Top { level: 9, more: 8 });
    assert_eq!(read::<_, V4>(&V2::Exact(7)), V4::New("7".into()));
}

/// A variant at the tag of one that was removed, with other fields: it is no renamed one.
mod replaced {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub enum Was {
        Red,
        Green(u8),
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    #[allow(dead_code)]
    pub enum Is {
        Blue(u8, u8),
        Green(u8),
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub enum Fixed {
        #[layout(since = 2, tag = 2)]
        Blue(u8, u8),
        #[layout(removed(Red, tag = 0, until = 2, with = || Fixed::Green(0)))]
        Green(u8),
    }
}

#[test]
fn a_variant_in_place_of_another() {
    assert_eq!(
        fixes::<replaced::Was, replaced::Is>(),
        [
            "put it back, or make this version 2 and add `#[layout(removed(Red, tag = 0, until = 2, with = || …))]` \
             before variant `Green`",
            "make this version 2 and add `#[layout(since = 2, tag = 2)]` to `Blue`",
        ]
    );
    assert_eq!(read::<_, replaced::Fixed>(&replaced::Was::Red), replaced::Fixed::Green(0));
    assert_eq!(read::<_, replaced::Fixed>(&replaced::Was::Green(3)), replaced::Fixed::Green(3));
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2)]
enum Tree<T> {
    #[layout(removed(Two(T, T), until = 2, with = |a, b| Tree::Many(vec![a, b])))]
    One(T),
    #[layout(since = 2)]
    Many(Vec<T>),
}

#[derive(StableLayout)]
#[layout(version = 1)]
#[allow(dead_code)]
enum OldTree<T> {
    Two(T, T),
    One(T),
}

#[test]
fn generic_enums_have_histories() {
    let old = OldTree::Two(was::Shape::Nothing, was::Shape::Square(1));
    assert_eq!(read::<_, Tree<Shape>>(&old), Tree::Many(vec![Shape::Point, Shape::Box(1)]));
}
