//! Types with histories: six versions each, by new fields (`since`) and by conversions
//! (`previous`).

/// Values of constant size up to version 2, of any size in 3 and 4, and constant again from 5 on.
/// From `d` on some are large enough to be kept outside of their leaf.
pub mod mixed {
    #![allow(missing_docs)]

    use crate::rng::Rng;
    use crate::samples::SampleValue;
    use graven::StableLayout;

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 1)]
    pub struct V1 {
        pub a: u32,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub struct V2 {
        pub a: u32,
        #[layout(since = 2, default = 7)]
        pub b: u16,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 3, previous = V2)]
    pub struct V3 {
        pub c: u64,
        pub text: String,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 4, previous = V2)]
    pub struct V4 {
        pub c: u64,
        #[layout(since = 4, default = vec![1, 2, 3])]
        pub d: Vec<u8>,
        pub text: String,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 5, previous = V4)]
    pub struct V5 {
        pub e: u16,
        pub c: u64,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 6, previous = V4)]
    pub struct V6 {
        #[layout(since = 6, default = [9; 40])]
        pub f: [u8; 40],
        pub e: u16,
        pub c: u64,
    }

    impl From<V1> for V2 {
        fn from(old: V1) -> V2 {
            V2 { a: old.a, b: 7 }
        }
    }

    impl From<V2> for V3 {
        fn from(old: V2) -> V3 {
            V3 { c: u64::from(old.a) * 1000 + u64::from(old.b), text: "t".repeat(old.a as usize % 50) }
        }
    }

    impl From<V3> for V4 {
        fn from(old: V3) -> V4 {
            V4 { c: old.c, d: vec![1, 2, 3], text: old.text }
        }
    }

    /// Converts as memory does with values that were stored in version 2.
    impl From<V2> for V4 {
        fn from(old: V2) -> V4 {
            V3::from(old).into()
        }
    }

    impl From<V4> for V5 {
        fn from(old: V4) -> V5 {
            V5 { e: (old.text.len() + old.d.len()) as u16, c: old.c }
        }
    }

    impl From<V5> for V6 {
        fn from(old: V5) -> V6 {
            V6 { f: [9; 40], e: old.e, c: old.c }
        }
    }

    impl From<V4> for V6 {
        fn from(old: V4) -> V6 {
            V5::from(old).into()
        }
    }

    impl SampleValue for V1 {
        fn sample(rng: &mut Rng) -> Self {
            V1 { a: rng.any() as u32 }
        }
    }

    impl SampleValue for V2 {
        fn sample(rng: &mut Rng) -> Self {
            V2 { a: rng.any() as u32, b: rng.any() as u16 }
        }
    }

    impl SampleValue for V3 {
        fn sample(rng: &mut Rng) -> Self {
            V3 { c: rng.any(), text: String::sample(rng) }
        }
    }

    impl SampleValue for V4 {
        fn sample(rng: &mut Rng) -> Self {
            V4 { c: rng.any(), d: Vec::sample(rng), text: String::sample(rng) }
        }
    }

    impl SampleValue for V5 {
        fn sample(rng: &mut Rng) -> Self {
            V5 { e: rng.any() as u16, c: rng.any() }
        }
    }

    impl SampleValue for V6 {
        fn sample(rng: &mut Rng) -> Self {
            V6 { f: [rng.any() as u8; 40], e: rng.any() as u16, c: rng.any() }
        }
    }
}

/// Values of any size throughout: they shrink, and grow out of their leaves, as they are converted.
pub mod dynamic {
    #![allow(missing_docs)]

    use crate::rng::Rng;
    use crate::samples::SampleValue;
    use graven::StableLayout;

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 1)]
    pub struct V1 {
        pub bytes: Vec<u8>,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 2)]
    pub struct V2 {
        #[layout(since = 2, default = "none".into())]
        pub note: String,
        pub bytes: Vec<u8>,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 3, previous = V2)]
    pub struct V3 {
        pub parts: Vec<Vec<u8>>,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 4, previous = V3)]
    pub struct V4 {
        pub half: Vec<u8>,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 5, previous = V3)]
    pub struct V5 {
        pub half: Vec<u8>,
        #[layout(since = 5)]
        pub more: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 6, previous = V5)]
    pub enum V6 {
        Short(Vec<u8>),
        Long { len: u32, text: String, bytes: Vec<u8> },
    }

    impl From<V1> for V2 {
        fn from(old: V1) -> V2 {
            V2 { note: "none".into(), bytes: old.bytes }
        }
    }

    impl From<V2> for V3 {
        fn from(old: V2) -> V3 {
            let twice = if old.bytes.len() > 2000 { old.bytes.clone() } else { Vec::new() };
            V3 { parts: vec![old.note.into_bytes(), old.bytes, twice] }
        }
    }

    impl From<V3> for V4 {
        fn from(old: V3) -> V4 {
            let all = old.parts.concat();
            V4 { half: all[all.len() / 2..].to_vec() }
        }
    }

    impl From<V4> for V5 {
        fn from(old: V4) -> V5 {
            V5 { half: old.half, more: None }
        }
    }

    impl From<V3> for V5 {
        fn from(old: V3) -> V5 {
            V4::from(old).into()
        }
    }

    impl From<V5> for V6 {
        fn from(old: V5) -> V6 {
            if old.half.len() < 100 && old.more.is_none() {
                return V6::Short(old.half);
            }
            V6::Long { len: old.half.len() as u32, text: old.more.unwrap_or_default(), bytes: old.half }
        }
    }

    impl SampleValue for V1 {
        fn sample(rng: &mut Rng) -> Self {
            V1 { bytes: Vec::sample(rng) }
        }
    }

    impl SampleValue for V2 {
        fn sample(rng: &mut Rng) -> Self {
            V2 { note: String::sample(rng), bytes: Vec::sample(rng) }
        }
    }

    impl SampleValue for V3 {
        fn sample(rng: &mut Rng) -> Self {
            let parts = rng.below(4);
            V3 { parts: (0..parts).map(|_| Vec::sample(rng)).collect() }
        }
    }

    impl SampleValue for V4 {
        fn sample(rng: &mut Rng) -> Self {
            V4 { half: Vec::sample(rng) }
        }
    }

    impl SampleValue for V5 {
        fn sample(rng: &mut Rng) -> Self {
            V5 { half: Vec::sample(rng), more: rng.once_in(2).then(|| String::sample(rng)) }
        }
    }

    impl SampleValue for V6 {
        fn sample(rng: &mut Rng) -> Self {
            let bytes = Vec::sample(rng);
            if rng.once_in(2) {
                return V6::Short(bytes);
            }
            V6::Long { len: rng.any() as u32, text: String::sample(rng), bytes }
        }
    }
}
