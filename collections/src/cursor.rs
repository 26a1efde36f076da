//! Places in collections that outlive a message: where a query continues with the next page, also
//! after an upgrade.
//!
//! A cursor is a few bytes that a canister hands out and gets back, so nothing about them is
//! believed: they name the collection that they belong to, and a checksum over that and the place
//! tells what was damaged or mixed up. It is no signature. Who can make up a valid cursor learns
//! nothing that reading from another key would not show.

use std::ops::Bound;

use graven_core::key::{KeyBuf, MAX_KEY_LEN};
use graven_core::layout::Fingerprint;
use graven_core::store::{Root, RootSpec};
use graven_core::{Error, Memory, Result};

use crate::codec::keys::check_len;
use crate::engine::bounds::KeyRange;

pub use crate::engine::bounds::Direction;

/// A part of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The cursor of the next page; `None` if nothing followed when this one was read.
    pub next: Option<Cursor>,
}

/// A place in a collection, from which a walk continues in a later message.
///
/// It stands between two entries, next to a key that need not be there any more. So it stays valid
/// whatever is inserted or removed: each entry that stays is seen exactly once, one that is
/// inserted or removed in between is seen if it lies ahead at that time. It stays valid over
/// upgrades as long as the collection keeps its name and its keys' type.
///
/// Hash maps and sets have such places too, in the order of their hashes, which means nothing but
/// stays the same however many buckets there are. [`HashMap::reseed`](crate::HashMap::reseed)
/// changes it, when there are no entries.
///
/// # Example: a query that gives page after page
/// ```
/// use graven_collections::{BTreeMap, Cursor, open};
/// use graven_core::{DefaultMemoryImpl, Result};
///
/// type Users = BTreeMap<u64, String>;
///
/// /// What a canister's query would give: candid knows `Vec<u8>`.
/// fn list(users: &Users, cursor: Option<Vec<u8>>) -> Result<(Vec<(u64, String)>, Option<Vec<u8>>)> {
///     let from = cursor.map(|bytes| Cursor::from_bytes(&bytes)).transpose()?;
///     let page = users.page(from.as_ref(), 2)?;
///     Ok((page.items, page.next.map(|cursor| cursor.to_bytes())))
/// }
///
/// let mut users: Users = open("users", DefaultMemoryImpl::default()).unwrap();
/// users.extend([(1, "Ada".into()), (2, "Bob".into()), (3, "Cy".into())]);
/// let (first, cursor) = list(&users, None).unwrap();
/// users.remove(&2);
/// users.insert(7, "Di".into());
/// let (second, end) = list(&users, cursor).unwrap();
/// assert_eq!(first.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2]);
/// assert_eq!(second.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [3, 7]);
/// assert_eq!(end, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    bytes: Vec<u8>,
}

/// The first byte of a cursor.
const FORMAT: u8 = 1;
/// Offset of the root's page.
const ROOT_AT: usize = 2;
/// Offset of the check.
const CHECK_AT: usize = 6;
/// Offset of the position, whose form is the collection's own.
const PLACE_AT: usize = 14;
/// Bytes that a place may have: that of an ordered collection is a byte and a key.
const MAX_PLACE: usize = 1 + MAX_KEY_LEN;

impl Cursor {
    /// The bytes, to be stored or handed out: 15 and those of the key, at most 1007.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// A cursor from bytes that somebody gave. Whether they are one of the collection's is found
    /// out when it is used.
    ///
    /// # Errors
    /// [`Error::BadCursor`] where no cursor has such bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.first().is_some_and(|format| *format != FORMAT) {
            return Err(bad("it has a format that this code does not know"));
        }
        if !(PLACE_AT..=PLACE_AT + MAX_PLACE).contains(&bytes.len()) {
            return Err(bad("it is too short or too long"));
        }
        if bytes[1] > Direction::Backward as u8 {
            return Err(bad("it goes neither forward nor backward"));
        }
        Ok(Cursor { bytes: bytes.to_vec() })
    }

    /// Which way a walk from here goes.
    #[must_use]
    pub fn direction(&self) -> Direction {
        if self.bytes[1] == 0 { Direction::Forward } else { Direction::Backward }
    }

    /// A cursor of the collection behind `root`, declared as `spec`. The place has at most
    /// [`MAX_PLACE`] bytes.
    pub(crate) fn new<M: Memory>(
        root: &Root<M>,
        spec: &RootSpec,
        direction: Direction,
        place: &[u8],
    ) -> Self {
        let mut bytes = vec![FORMAT, direction as u8];
        bytes.extend(root.page().to_le_bytes());
        let check = check(root, spec, &bytes, place);
        bytes.extend(check);
        bytes.extend_from_slice(place);
        Cursor { bytes }
    }

    /// The place in the collection behind `root`.
    ///
    /// # Errors
    /// [`Error::BadCursor`] if it is none of that collection.
    pub(crate) fn place<M: Memory>(&self, root: &Root<M>, spec: &RootSpec) -> Result<&[u8]> {
        let place = &self.bytes[PLACE_AT..];
        if self.bytes[ROOT_AT..CHECK_AT] != root.page().to_le_bytes() {
            return Err(bad("it belongs to another collection"));
        }
        if self.bytes[CHECK_AT..PLACE_AT] != check(root, spec, &self.bytes[..CHECK_AT], place) {
            return Err(bad("it was changed, or belongs to another collection"));
        }
        Ok(place)
    }
}

const fn bad(why: &'static str) -> Error {
    Error::BadCursor { why }
}

/// Returns the check of a cursor: a hash over the cursor and the declaration of its collection.
fn check<M: Memory>(root: &Root<M>, spec: &RootSpec, head: &[u8], place: &[u8]) -> [u8; 8] {
    let key = spec.key.map_or([0; 16], |(_, fingerprint)| fingerprint.0);
    let name = root.name().as_bytes();
    let parts = [b"cursor", head, &[spec.kind as u8], &key, &[name.len() as u8], name, place];
    let Fingerprint(hash) = Fingerprint::of(&parts.concat());
    core::array::from_fn(|i| hash[i])
}

/// Which side of its key a place in an ordered collection is on.
const OPEN: u8 = 0;
const AT: u8 = 1;
const BEYOND: u8 = 2;

/// Places in ordered collections: where a walk begins, as the bound of a range.
impl Cursor {
    /// Returns the cursor from which a walk begins.
    ///
    /// # Errors
    /// [`Error::KeyTooLong`].
    pub(crate) fn at<M: Memory>(
        root: &Root<M>,
        spec: &RootSpec,
        direction: Direction,
        bound: &Bound<KeyBuf>,
    ) -> Result<Self> {
        if let Bound::Included(key) | Bound::Excluded(key) = bound {
            check_len(key.len())?;
        }
        Ok(Cursor::ordered(root, spec, direction, bound))
    }

    pub(crate) fn ordered<M: Memory>(
        root: &Root<M>,
        spec: &RootSpec,
        direction: Direction,
        bound: &Bound<KeyBuf>,
    ) -> Self {
        let (side, key) = match bound {
            Bound::Unbounded => (OPEN, &[][..]),
            Bound::Included(key) => (AT, key.as_slice()),
            Bound::Excluded(key) => (BEYOND, key.as_slice()),
        };
        Cursor::new(root, spec, direction, &[&[side], key].concat())
    }

    /// The bound at which a walk over keys of this size begins.
    fn bound<M: Memory>(
        &self,
        root: &Root<M>,
        spec: &RootSpec,
        key_size: Option<usize>,
    ) -> Result<Bound<KeyBuf>> {
        let Some((side, key)) = self.place(root, spec)?.split_first() else {
            return Err(bad("it names no place"));
        };
        if *side != OPEN && key_size.is_some_and(|size| size != key.len()) {
            return Err(bad("its key is longer or shorter than the collection's"));
        }
        match *side {
            OPEN if key.is_empty() => Ok(Bound::Unbounded),
            AT => Ok(Bound::Included(KeyBuf::from(key))),
            BEYOND => Ok(Bound::Excluded(KeyBuf::from(key))),
            _ => Err(bad("it names no place")),
        }
    }

    /// Returns the part of a range that is ahead of a cursor, or the whole range without one.
    pub(crate) fn ahead<M: Memory>(
        from: Option<&Cursor>,
        range: KeyRange,
        root: &Root<M>,
        spec: &RootSpec,
        key_size: Option<usize>,
    ) -> Result<(Direction, KeyRange)> {
        let Some(cursor) = from else { return Ok((Direction::Forward, range)) };
        let (bound, (start, end)) = (cursor.bound(root, spec, key_size)?, range);
        Ok(match cursor.direction() {
            Direction::Forward => (Direction::Forward, (narrower(start, bound, true), end)),
            Direction::Backward => (Direction::Backward, (start, narrower(end, bound, false))),
        })
    }
}

/// Of two starts the greater one, or of two ends the lesser one.
fn narrower(a: Bound<KeyBuf>, b: Bound<KeyBuf>, is_start: bool) -> Bound<KeyBuf> {
    let (x, y) = match (&a, &b) {
        (Bound::Unbounded, _) => return b,
        (_, Bound::Unbounded) => return a,
        (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) => (x, y),
    };
    let order = x.as_slice().cmp(y.as_slice());
    let order = if is_start { order } else { order.reverse() };
    let a_wins = order.is_gt() || (order.is_eq() && matches!(a, Bound::Excluded(_)));
    if a_wins { a } else { b }
}
