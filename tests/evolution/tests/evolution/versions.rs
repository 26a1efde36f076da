//! Derived types read what their older versions wrote.

use graven::StableLayout;
use graven::schema::Plan;
use graven::schema::encode;
use graven_core::evolution::{Check, Conversion};
use graven_core::layout::stored::OwnedLayout;

/// The plan by which `New` reads what is stored as `Old`.
#[track_caller]
fn plan<Old: StableLayout, New: StableLayout>() -> Plan {
    let mut check = Check::default();
    check.root("root", "root: Root".into());
    let plan = check.plan(&OwnedLayout::from(Old::LAYOUT), New::HISTORY);
    assert_eq!(check.problems, [], "{} → {}", Old::LAYOUT.name(), New::LAYOUT.name());
    plan
}

/// Returns the value that `New` reads where `old` was written.
#[track_caller]
fn read<Old: StableLayout, New: StableLayout>(old: &Old) -> New {
    let (plan, bytes) = (plan::<Old, New>(), encode(old));
    assert_eq!(plan.size, Old::SIZE);
    for cut in 0..bytes.len() {
        // Damage is an error or another value; it is no panic.
        let _ = New::decode_old(&plan, &bytes[..cut]);
    }
    New::decode_old(&plan, &bytes).unwrap()
}

mod v1 {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct User {
        pub id: u16,
        pub name: String,
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Point(pub u8, pub u8);

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub enum Shape {
        Empty,
        Circle { center: Point, radius: u8 },
        Named(String),
    }

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub enum Level {
        Low,
        High(u8),
    }
}

mod v2 {
    use super::StableLayout;

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub struct User {
        #[layout(since = 2, default = first_login())]
        pub login: u64,
        pub id: u16,
        #[layout(since = 2)]
        pub nick: Option<String>,
        pub name: String,
        #[layout(since = 2, default = "none".into())]
        pub note: String,
    }

    fn first_login() -> u64 {
        1234
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub struct Point(pub u8, pub u8, #[layout(since = 2, default = 9)] pub u32);

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub enum Shape {
        #[layout(tag = 0)]
        Empty,
        #[layout(since = 2, tag = 3)]
        Line(Point, Point),
        #[layout(tag = 1)]
        Circle {
            #[layout(since = 2, default = true)]
            filled: bool,
            center: Point,
            radius: u8,
        },
        Named(String, #[layout(since = 2)] Vec<u8>),
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub enum Level {
        Low,
        High(u8, #[layout(since = 2, default = 7)] u16),
        #[layout(since = 2)]
        Exact(u64),
    }
}

mod v3 {
    use super::{StableLayout, v2};

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 3, previous = v2::User)]
    pub struct User {
        pub id: u64,
        pub names: Vec<String>,
    }

    impl From<v2::User> for User {
        fn from(old: v2::User) -> User {
            User { id: old.id.into(), names: [Some(old.name), old.nick].into_iter().flatten().collect() }
        }
    }
}

mod v4 {
    use super::{StableLayout, v2, v3};

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 5, previous = v3::User)]
    pub struct User {
        pub id: u64,
        pub names: Vec<String>,
        #[layout(since = 4)]
        pub age: u8,
        #[layout(since = 5, default = 8)]
        pub size: u8,
    }

    impl From<v3::User> for User {
        fn from(old: v3::User) -> User {
            User { id: old.id + 1000, names: old.names, age: 1, size: 1 }
        }
    }

    /// The fourth version as it once was.
    #[derive(StableLayout)]
    #[layout(version = 4)]
    pub struct Fourth {
        pub id: u64,
        pub names: Vec<String>,
        pub age: u8,
    }

    /// An enum that was a struct before.
    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 3, previous = v2::Point)]
    pub enum Place {
        Nowhere,
        At(u8, u8),
    }

    impl From<v2::Point> for Place {
        fn from(old: v2::Point) -> Place {
            if old.2 == 9 { Place::At(old.0, old.1) } else { Place::Nowhere }
        }
    }
}

fn user() -> v1::User {
    v1::User { id: 5, name: "Eva".into() }
}

fn second() -> v2::User {
    v2::User { login: 1234, id: 5, nick: None, name: "Eva".into(), note: "none".into() }
}

#[test]
fn the_newest_version_is_read_as_it_is() {
    assert!(plan::<v2::User, v2::User>().is_identity());
    assert!(plan::<v2::Shape, v2::Shape>().is_identity());
    assert!(plan::<v3::User, v3::User>().is_identity());
    assert!(plan::<Vec<Option<v2::User>>, Vec<Option<v2::User>>>().is_identity());
    assert_eq!(read::<v2::User, v2::User>(&second()), second());
}

#[test]
fn new_fields_get_their_defaults() {
    assert_eq!(read::<v1::User, v2::User>(&user()), second());
    assert_eq!(read::<_, v2::Point>(&v1::Point(1, 2)), v2::Point(1, 2, 9));
}

#[test]
fn enums_get_new_variants_and_fields() {
    assert_eq!(read::<_, v2::Shape>(&v1::Shape::Empty), v2::Shape::Empty);
    let circle = v1::Shape::Circle { center: v1::Point(1, 2), radius: 3 };
    let read_circle = v2::Shape::Circle { filled: true, center: v2::Point(1, 2, 9), radius: 3 };
    assert_eq!(read::<_, v2::Shape>(&circle), read_circle);
    let named = v1::Shape::Named("a".into());
    assert_eq!(read::<_, v2::Shape>(&named), v2::Shape::Named("a".into(), vec![]));
}

#[test]
fn enums_of_constant_size_may_grow() {
    assert_eq!((v1::Level::SIZE, v2::Level::SIZE), (Some(2), Some(9)));
    assert_eq!(read::<_, v2::Level>(&v1::Level::Low), v2::Level::Low);
    assert_eq!(read::<_, v2::Level>(&v1::Level::High(3)), v2::Level::High(3, 7));
    let plan = plan::<v1::Level, v2::Level>();
    assert!(v2::Level::decode_old(&plan, &[2, 0]).is_err(), "a tag that was not there yet");
}

#[test]
fn a_previous_type_reads_what_came_before() {
    let third = |names: &[&str]| v3::User { id: 5, names: names.iter().map(ToString::to_string).collect() };
    assert_eq!(read::<v2::User, v3::User>(&second()), third(&["Eva"]));
    let with_nick = v2::User { nick: Some("E".into()), ..second() };
    assert_eq!(read::<v2::User, v3::User>(&with_nick), third(&["Eva", "E"]));
    assert_eq!(read::<v1::User, v3::User>(&user()), third(&["Eva"]), "through version 2");
}

#[test]
fn a_history_of_five_versions() {
    let fifth = |id, age, size| v4::User { id, names: vec!["Eva".into()], age, size };
    assert_eq!(read::<v1::User, v4::User>(&user()), fifth(1005, 1, 1));
    assert_eq!(read::<v2::User, v4::User>(&second()), fifth(1005, 1, 1));
    let third = v3::User { id: 5, names: vec!["Eva".into()] };
    assert_eq!(read::<v3::User, v4::User>(&third), fifth(1005, 1, 1));
    let fourth = v4::Fourth { id: 5, names: vec!["Eva".into()], age: 40 };
    assert_eq!(read::<v4::Fourth, v4::User>(&fourth), fifth(5, 40, 8));
    assert_eq!(read::<v4::User, v4::User>(&fifth(1, 2, 3)), fifth(1, 2, 3));
    let Conversion::Previous(inner) = plan::<v1::User, v4::User>().conversion else {
        panic!("versions to 3 are read by v3")
    };
    assert!(matches!(inner.conversion, Conversion::Previous(_)), "versions to 2 are read by v2");
}

#[test]
fn a_struct_becomes_an_enum() {
    assert_eq!(read::<_, v4::Place>(&v2::Point(1, 2, 9)), v4::Place::At(1, 2));
    assert_eq!(read::<_, v4::Place>(&v2::Point(1, 2, 0)), v4::Place::Nowhere);
    assert_eq!(read::<_, v4::Place>(&v1::Point(1, 2)), v4::Place::At(1, 2));
    let within = read::<_, Holder<v4::Place>>(&Holder { before: 1, held: v1::Point(1, 2), after: vec![2] });
    assert_eq!(within, Holder { before: 1, held: v4::Place::At(1, 2), after: vec![2] });
}

/// A type that stays in its version while its fields get new ones.
#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Holder<T> {
    before: u32,
    held: T,
    after: Vec<u8>,
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 1)]
enum OneOf<T> {
    Nothing,
    Holds(u8, T),
}

/// Checks a container that held an old value and is read with a new one.
fn within<Old: StableLayout, New: StableLayout + PartialEq + std::fmt::Debug>(old: Old, new: New) {
    assert_eq!(read::<_, New>(&old), new);
}

#[test]
fn containers_do_not_notice() {
    let (old, new) = (|| v1::Point(1, 2), || v2::Point(1, 2, 9));
    within(Some(old()), Some(new()));
    within(None::<v1::Point>, None::<v2::Point>);
    within(vec![old(), old()], vec![new(), new()]);
    within([old(), old()], [new(), new()]);
    within((1u8, old(), String::from("a")), (1u8, new(), String::from("a")));
    within(Box::new(old()), Box::new(new()));
    within(Ok::<_, u64>(old()), Ok::<_, u64>(new()));
    within(Err::<u8, _>(old()), Err::<u8, _>(new()));
    within(vec![Some([(old(), 3u8)])], vec![Some([(new(), 3u8)])]);
    within(
        Holder { before: 1, held: old(), after: vec![7] },
        Holder { before: 1, held: new(), after: vec![7] },
    );
    within(OneOf::Holds(3, old()), OneOf::Holds(3, new()));
    within(OneOf::Nothing::<v1::Point>, OneOf::Nothing::<v2::Point>);
    within(vec![OneOf::Holds(3, Some(old()))], vec![OneOf::Holds(3, Some(new()))]);
}

#[test]
fn containers_do_not_notice_values_of_any_size() {
    within(Some(user()), Some(second()));
    within(vec![user(), user()], vec![second(), second()]);
    within([user(), user()], [second(), second()]);
    within((user(), 1u8, user()), (second(), 1u8, second()));
    within(
        Holder { before: 1, held: vec![user()], after: vec![7] },
        Holder { before: 1, held: vec![second()], after: vec![7] },
    );
    within(OneOf::Holds(1, user()), OneOf::Holds(1, second()));
    // From any size to any other, by way of `From`.
    let third = || v3::User { id: 5, names: vec!["Eva".into()] };
    within(vec![(user(), v1::Level::Low)], vec![(third(), v2::Level::Low)]);
}

/// An old version whose size varies, and a newest one whose size does not.
mod shrinking {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Wide(pub String);

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2, previous = Wide)]
    pub struct Narrow(pub u8);

    impl From<Wide> for Narrow {
        fn from(old: Wide) -> Narrow {
            Narrow(old.0.len() as u8)
        }
    }
}

#[test]
fn a_size_may_become_constant() {
    use shrinking::{Narrow, Wide};
    let wide = || Wide("abc".into());
    within(wide(), Narrow(3));
    within(vec![wide(), wide()], vec![Narrow(3), Narrow(3)]);
    within((wide(), 1u8, wide()), (Narrow(3), 1u8, Narrow(3)));
    within(
        Holder { before: 1, held: wide(), after: vec![2] },
        Holder { before: 1, held: Narrow(3), after: vec![2] },
    );
}

mod generic {
    use super::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Cell<T> {
        pub value: T,
    }

    #[derive(Debug, PartialEq, StableLayout)]
    #[layout(version = 2, previous = Cell<T>)]
    pub struct Cells<T, const N: usize> {
        pub values: Vec<T>,
        pub more: [u8; N],
    }

    impl<T, const N: usize> From<Cell<T>> for Cells<T, N> {
        fn from(old: Cell<T>) -> Self {
            Cells { values: vec![old.value], more: [0; N] }
        }
    }
}

#[test]
fn a_previous_type_may_be_generic() {
    within(generic::Cell { value: 1u16 }, generic::Cells { values: vec![1u16], more: [0; 2] });
    within(
        generic::Cell { value: v1::Point(1, 2) },
        generic::Cells { values: vec![v2::Point(1, 2, 9)], more: [] },
    );
}
