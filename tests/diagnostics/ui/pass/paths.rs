//! Paths to fields say nothing that the fields do not say: no warnings, whatever is allowed or denied.
#![deny(warnings, missing_docs, dead_code, unreachable_pub, non_upper_case_globals, private_interfaces)]

use graven::{Field, StableLayout};

mod inner {
    use super::StableLayout;

    /// A type whose fields nobody asks for.
    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub(crate) struct Quiet {
        pub(crate) r#type: u8,
        pub(super) straße: String,
        _reserved: u8,
        _0: u8,
    }

    impl Quiet {
        pub(crate) const fn new() -> Self {
            Quiet { r#type: 1, straße: String::new(), _reserved: 0, _0: 0 }
        }
    }
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct Pair<T, const N: usize>(T, #[layout(since = 2, default = [0; N])] [u8; N])
where
    T: Clone;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Limits {
    #[layout(field = LOW_FIELD)]
    low: u32,
}

impl Limits {
    const LOW: u32 = 3;
}

const TYPE: Field<Pair<inner::Quiet, 3>, u8> = Pair::<inner::Quiet, 3>::F0.then(inner::Quiet::TYPE);

impl Clone for inner::Quiet {
    fn clone(&self) -> Self {
        inner::Quiet::new()
    }
}

fn main() {
    let pair = Pair::<_, 3>(inner::Quiet::new(), [0; 3]);
    assert_eq!(TYPE.read(graven::schema::encode(&pair).as_slice()), Ok(1));
    let _ = (inner::Quiet::STRASSE, Limits::LOW_FIELD, Limits { low: Limits::LOW }.low, pair.1);
    let _ = (pair.0.r#type, pair.0.straße);
}
