//! Floats as keys. `f32` and `f64` have no total order. Their wrappers have that of `total_cmp`.

use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use super::numbers::take;
use super::{KeyBuf, StableKey};
use crate::layout::{Invalid, Layout, Prim, StableLayout};

macro_rules! floats {
    ($($(#[$doc:meta])* $total:ident $float:ident $bits:ident $prim:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        pub struct $total(pub $float);

        impl $total {
            const SIGN: $bits = 1 << ($bits::BITS - 1);
        }

        impl Ord for $total {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl PartialOrd for $total {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        /// Returns `true` if the bits are equal.
        impl PartialEq for $total {
            fn eq(&self, other: &Self) -> bool {
                self.0.to_bits() == other.0.to_bits()
            }
        }

        impl Eq for $total {}

        impl Hash for $total {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.to_bits().hash(state);
            }
        }

        impl From<$float> for $total {
            fn from(float: $float) -> Self {
                $total(float)
            }
        }

        impl From<$total> for $float {
            fn from(total: $total) -> Self {
                total.0
            }
        }

        /// Has the layout of the float.
        impl StableLayout for $total {
            const LAYOUT: &'static Layout = $float::LAYOUT;

            #[inline]
            fn encoded_len(&self) -> usize {
                self.0.encoded_len()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) {
                self.0.encode(out);
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                $float::decode(bytes).map($total)
            }
        }

        /// Encodes the bits, big-endian. All bits of a negative float are inverted, and only the
        /// sign of others.
        impl StableKey for $total {
            const KEY: &'static Layout = &Layout::Prim(Prim::$prim);

            #[inline]
            fn write_key(&self, out: &mut KeyBuf, _: bool) {
                let bits = self.0.to_bits();
                let ordered = if bits & Self::SIGN == 0 { bits ^ Self::SIGN } else { !bits };
                out.push(ordered.to_be_bytes());
            }

            #[inline]
            fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
                let ordered = $bits::from_be_bytes(*take(bytes)?);
                let bits = if ordered & Self::SIGN == 0 { !ordered } else { ordered ^ Self::SIGN };
                Ok($total($float::from_bits(bits)))
            }
        }
    )+};
}

floats! {
    /// An `f64` in the total order of [`f64::total_cmp`], so that it can be a key: -NaN, -∞, …, -0,
    /// 0, …, ∞, NaN. It keeps every bit, so -0 and 0 are two keys. Its layout as a value is that of
    /// `f64`.
    ///
    /// # Example: prices in order
    /// ```
    /// use graven_core::key::{TotalF64, encode_key};
    /// assert!(encode_key(&TotalF64(-1.5)).as_slice() < encode_key(&TotalF64(0.25)).as_slice());
    /// ```
    TotalF64 f64 u64 F64;
    /// An `f32` in the total order of [`f32::total_cmp`]. See [`TotalF64`].
    TotalF32 f32 u32 F32;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{decode_key, encode_key};
    use crate::layout::encode;

    #[test]
    fn order_of_bytes_is_the_total_order_and_every_bit_is_kept() {
        let nan = f64::from_bits(0x7ff8_0000_0000_0001);
        let smallest = f64::from_bits(1);
        let mut floats =
            vec![0.0, -0.0, 1.5, -1.5, f64::MAX, f64::MIN, f64::INFINITY, nan, -nan, smallest, -smallest];
        floats.sort_by(f64::total_cmp);
        let keys: Vec<Vec<u8>> =
            floats.iter().map(|float| encode_key(&TotalF64(*float)).as_slice().to_vec()).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
        for (float, key) in floats.iter().zip(&keys) {
            assert_eq!(decode_key::<TotalF64>(key).unwrap().0.to_bits(), float.to_bits());
            assert_eq!(encode(&TotalF64(*float)), encode(float));
        }
        assert_eq!(encode_key(&TotalF32(1.0)).as_slice(), [0xbf, 0x80, 0, 0]);
        assert_eq!(encode_key(&TotalF32(-1.0)).as_slice(), [0x40, 0x7f, 0xff, 0xff]);
    }
}
