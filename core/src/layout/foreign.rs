//! Layouts of std's types that are stored as another type: addresses, ranges, orderings and
//! wrappers.

use core::cmp::{Ordering, Reverse};
use core::marker::PhantomData;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use core::num::Wrapping;
use core::ops::{Range, RangeInclusive};

use super::record::{RecordWriter, head_size, tail_len};
use super::{Invalid, Layout, StableLayout};
use crate::evolution::{History, Plan};

/// Implements a type's layout as that of another type. `$to` converts from a reference, and `$from`
/// converts back.
macro_rules! stored_as {
    ($($ty:ty as $other:ty: $to:expr, $from:expr;)+) => {$(
        impl StableLayout for $ty {
            const LAYOUT: &'static Layout = <$other>::LAYOUT;

            fn encoded_len(&self) -> usize {
                let to: fn(&Self) -> $other = $to;
                to(self).encoded_len()
            }

            fn encode(&self, out: &mut [u8]) {
                let to: fn(&Self) -> $other = $to;
                to(self).encode(out);
            }

            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                let from: fn($other) -> Result<Self, Invalid> = $from;
                from(<$other>::decode(bytes)?)
            }
        }
    )+};
}

stored_as! {
    Ordering as i8: |ordering| *ordering as i8, |number| match number {
        -1 => Ok(Ordering::Less),
        0 => Ok(Ordering::Equal),
        1 => Ok(Ordering::Greater),
        _ => Err(Invalid("an ordering is neither -1, 0 nor 1")),
    };
    Ipv4Addr as [u8; 4]: Ipv4Addr::octets, |octets| Ok(octets.into());
    Ipv6Addr as [u8; 16]: Ipv6Addr::octets, |octets| Ok(octets.into());
    IpAddr as Result<Ipv4Addr, Ipv6Addr>:
        |address| match address {
            IpAddr::V4(address) => Ok(*address),
            IpAddr::V6(address) => Err(*address),
        },
        |address| Ok(address.map_or_else(IpAddr::V6, IpAddr::V4));
    SocketAddrV4 as (Ipv4Addr, u16):
        |socket| (*socket.ip(), socket.port()),
        |(address, port)| Ok(SocketAddrV4::new(address, port));
    SocketAddrV6 as (Ipv6Addr, u16, u32, u32):
        |socket| (*socket.ip(), socket.port(), socket.flowinfo(), socket.scope_id()),
        |(address, port, flow, scope)| Ok(SocketAddrV6::new(address, port, flow, scope));
    SocketAddr as Result<SocketAddrV4, SocketAddrV6>:
        |socket| match socket {
            SocketAddr::V4(socket) => Ok(*socket),
            SocketAddr::V6(socket) => Err(*socket),
        },
        |socket| Ok(socket.map_or_else(SocketAddr::V6, SocketAddr::V4));
}

/// Implements a wrapper's layout as that of the value in it.
macro_rules! transparent {
    ($($wrapper:ident: $inside:ident => $value:expr, $wrap:expr;)+) => {$(
        impl<T: StableLayout> StableLayout for $wrapper<T> {
            const LAYOUT: &'static Layout = T::LAYOUT;
            const HISTORY: &'static History = T::HISTORY;

            #[inline]
            fn encoded_len(&self) -> usize {
                let $inside = self;
                T::encoded_len($value)
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) {
                let $inside = self;
                T::encode($value, out);
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                T::decode(bytes).map($wrap)
            }

            fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
                T::decode_old(plan, bytes).map($wrap)
            }
        }
    )+};
}

transparent! {
    Box: boxed => boxed, Box::new;
    Wrapping: wrapping => &wrapping.0, Wrapping;
    Reverse: reverse => &reverse.0, Reverse;
}

/// Takes no bytes, like `()`.
impl<T: ?Sized + 'static> StableLayout for PhantomData<T> {
    const LAYOUT: &'static Layout = <()>::LAYOUT;

    #[inline]
    fn encoded_len(&self) -> usize {
        0
    }

    #[inline]
    fn encode(&self, _: &mut [u8]) {}

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        <()>::decode(bytes).map(|()| PhantomData)
    }
}

/// Implements a range's layout as that of its two bounds.
macro_rules! ranges {
    ($($(#[$doc:meta])* $range:ident as $bounds:ty: |$own:ident| ($start:expr, $end:expr), $make:expr;)+) => {$(
        $(#[$doc])*
        impl<T: StableLayout> StableLayout for $range<T> {
            const LAYOUT: &'static Layout = <$bounds>::LAYOUT;
            const HISTORY: &'static History = <$bounds>::HISTORY;

            fn encoded_len(&self) -> usize {
                let $own = self;
                head_size(T::SIZE) * 2 + tail_len($start) + tail_len($end)
            }

            fn encode(&self, out: &mut [u8]) {
                let $own = self;
                let mut writer = RecordWriter::new(out, head_size(T::SIZE) * 2);
                writer.field($start);
                writer.field($end);
            }

            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                <$bounds>::decode(bytes).map($make)
            }

            fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
                <$bounds>::decode_old(plan, bytes).map($make)
            }
        }
    )+};
}

ranges! {
    /// Has the layout of `(T, T)`.
    Range as (T, T): |range| (&range.start, &range.end), |(start, end)| start..end;
    /// Has the layout of `[T; 2]`. It differs from that of [`Range`], because a range that includes
    /// its end has another meaning. A range that was exhausted as an iterator is decoded with its
    /// bounds, not exhausted.
    RangeInclusive as [T; 2]: |range| (range.start(), range.end()), |[first, last]| first..=last;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::encode;

    /// Checks that a value has these bytes, and that fewer or more bytes are errors.
    fn has<T: StableLayout + PartialEq + core::fmt::Debug>(value: T, bytes: &[u8]) {
        assert_eq!(encode(&value), bytes);
        assert_eq!(value.encoded_len(), T::SIZE.unwrap_or(bytes.len()));
        assert_eq!(T::decode(bytes), Ok(value));
        for cut in 0..bytes.len() {
            assert!(T::decode(&bytes[..cut]).is_err(), "{cut} of {bytes:?}");
        }
        assert!(T::decode(&[bytes, &[0]].concat()).is_err());
    }

    #[test]
    fn addresses_are_their_octets_and_ports() {
        let v4 = Ipv4Addr::new(10, 0, 0, 1);
        let v6 = Ipv6Addr::from([0xfe; 16]);
        has(v4, &[10, 0, 0, 1]);
        has(v6, &[0xfe; 16]);
        has(IpAddr::V4(v4), &[0, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        has(IpAddr::V6(v6), &[&[1], &[0xfe; 16][..]].concat());
        has(SocketAddr::from((v4, 0x1234)), &[&[0, 10, 0, 0, 1, 0x34, 0x12][..], &[0; 20]].concat());
        let v6 = SocketAddrV6::new(v6, 0x1234, 5, 6);
        let bytes = [&[1][..], &[0xfe; 16], &[0x34, 0x12, 5, 0, 0, 0, 6, 0, 0, 0]].concat();
        has(SocketAddr::V6(v6), &bytes);
        has(v6, &bytes[1..]);
    }

    #[test]
    fn an_ordering_is_a_signed_number() {
        has(Ordering::Less, &[0xff]);
        has(Ordering::Equal, &[0]);
        has(Ordering::Greater, &[1]);
        assert!(Ordering::decode(&[2]).is_err());
    }

    #[test]
    fn wrappers_leave_no_trace() {
        has(Wrapping(0x0102u16), &[2, 1]);
        has(Reverse(true), &[1]);
        has(Box::new(Reverse(Wrapping(7u8))), &[7]);
        assert!(core::ptr::eq(<Reverse<Wrapping<u8>>>::LAYOUT, u8::LAYOUT));
    }

    #[test]
    fn a_phantom_takes_no_bytes_whatever_its_type() {
        assert_eq!(<PhantomData<str>>::SIZE, Some(0));
        assert_eq!(encode(&(1u8, PhantomData::<dyn core::fmt::Debug>)), [1]);
        assert_eq!(<(u8, PhantomData<str>)>::decode(&[1]), Ok((1, PhantomData)));
        assert!(<PhantomData<u8>>::decode(&[0]).is_err());
    }

    #[test]
    fn ranges_are_their_bounds_and_two_layouts() {
        has(1u16..3, &[1, 0, 3, 0]);
        has(1u16..=3, &[1, 0, 3, 0]);
        let texts = [1, 0, 0, 0, 3, 0, 0, 0, b'a', b'c', b'd'];
        has(String::from("a")..String::from("cd"), &texts);
        has(String::from("a")..=String::from("cd"), &texts);
        assert_ne!(<Range<u16>>::LAYOUT.fingerprint(), <RangeInclusive<u16>>::LAYOUT.fingerprint());
    }
}
