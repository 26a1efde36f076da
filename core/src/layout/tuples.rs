//! Layouts of tuples of up to twelve parts. They are records whose fields have no names. The unit
//! type is the empty tuple.

use super::record::{RecordReader, RecordWriter, head_size, tail_len};
use super::{Invalid, Layout, StableLayout};
use crate::evolution::{History, Plan};

impl StableLayout for () {
    const LAYOUT: &'static Layout = &Layout::Tuple(&[]);

    #[inline]
    fn encoded_len(&self) -> usize {
        0
    }

    #[inline]
    fn encode(&self, _: &mut [u8]) {}

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        if bytes.is_empty() { Ok(()) } else { Err(Invalid("a unit has bytes")) }
    }
}

const MISSING: Invalid = Invalid("a tuple has fewer parts than its type");

macro_rules! tuples {
    ($($($part:ident $i:tt)+;)+) => {$(
        impl<$($part: StableLayout),+> StableLayout for ($($part,)+) {
            const LAYOUT: &'static Layout = &Layout::Tuple(&[$($part::LAYOUT),+]);
            const HISTORY: &'static History = &History::Tuple(&[$($part::HISTORY),+]);

            #[inline]
            fn encoded_len(&self) -> usize {
                0 $(+ head_size($part::SIZE) + tail_len(&self.$i))+
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) {
                let mut writer = RecordWriter::new(out, const { 0 $(+ head_size($part::SIZE))+ });
                $(writer.field(&self.$i);)+
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                let mut reader = RecordReader::new(bytes, const { 0 $(+ head_size($part::SIZE))+ })?;
                let tuple = ($(reader.field::<$part>()?,)+);
                reader.finish()?;
                Ok(tuple)
            }

            fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
                let Some(parts) = plan.parts() else { return Self::decode(bytes) };
                let head = parts.iter().map(|part| head_size(part.size)).sum();
                let mut reader = RecordReader::new(bytes, head)?;
                let tuple = ($(reader.old_field::<$part>(parts.get($i).ok_or(MISSING)?)?,)+);
                reader.finish()?;
                Ok(tuple)
            }
        }
    )+};
}

tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11;
}
