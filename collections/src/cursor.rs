//! Positions in collections that outlive a message and an upgrade: a query continues there with the
//! next page.
//!
//! A canister hands out the bytes of a cursor and gets them back, so they are not trusted. They
//! name their collection, and a checksum over the collection and the position detects damage and
//! mix-ups. It is not a signature. Whoever forges a valid cursor learns only what reading from
//! another key would show.

use std::ops::Bound;

use graven_core::key::{KeyBuf, MAX_KEY_LEN};
use graven_core::layout::Fingerprint;
use graven_core::store::{Root, RootSpec};
use graven_core::{CursorFault, Error, Memory, Result};

use crate::codec::keys::check_len;
use crate::engine::bounds::KeyRange;

pub use crate::engine::bounds::Direction;

/// A page of the items of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The cursor of the next page, or `None` if there were no more items.
    pub next: Option<Cursor>,
}

/// A position in a collection, at which a later message continues.
///
/// The position is between two entries, next to a key that may be removed. So it stays valid
/// whatever is inserted or removed. Each entry that stays is seen exactly once. An entry that is
/// inserted or removed in between is seen if it is ahead of the position at that time. A cursor
/// stays valid over upgrades while the collection keeps its name and the type of its keys.
///
/// Hash maps and sets also have positions, in the order of their hashes. That order has no meaning,
/// but does not depend on the number of buckets. Only [`HashMap::reseed`](crate::HashMap::reseed)
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

/// The format of a cursor, which is its first byte.
const FORMAT: u8 = 1;
/// The offset of the checksum.
const CHECK_AT: usize = 6;
/// The offset of the position, whose format depends on the collection.
const PLACE_AT: usize = 14;
/// The greatest length of a position in bytes. In a search it is four bytes and a key.
const MAX_PLACE: usize = 4 + MAX_KEY_LEN;

impl Cursor {
    /// Returns the bytes, to be stored or handed out: at most 18 and those of a key.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// Returns a cursor from bytes of any origin. Whether it belongs to a collection is checked
    /// when it is used.
    ///
    /// # Errors
    /// [`Error::BadCursor`] if the bytes cannot be a cursor.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.first().is_some_and(|format| *format != FORMAT) {
            return Err(bad(CursorFault::UnknownFormat));
        }
        if !(PLACE_AT..=PLACE_AT + MAX_PLACE).contains(&bytes.len()) {
            return Err(bad(CursorFault::WrongLength));
        }
        if bytes.get(1).is_some_and(|direction| *direction > Direction::Backward as u8) {
            return Err(bad(CursorFault::NoDirection));
        }
        Ok(Cursor { bytes: bytes.to_vec() })
    }

    /// Returns the direction in which paging continues.
    #[must_use]
    pub fn direction(&self) -> Direction {
        if self.bytes.get(1) == Some(&0) { Direction::Forward } else { Direction::Backward }
    }

    /// Creates a cursor of the collection at `root`, which is declared as `spec`. The position has
    /// at most [`MAX_PLACE`] bytes.
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

    /// Returns the position in the collection at `root`.
    ///
    /// # Errors
    /// [`Error::BadCursor`] if the cursor does not belong to that collection.
    pub(crate) fn place<M: Memory>(&self, root: &Root<M>, spec: &RootSpec) -> Result<&[u8]> {
        let (head, rest) = self.bytes.split_at(CHECK_AT);
        let (checksum, place) = rest.split_at(PLACE_AT - CHECK_AT);
        if !head.ends_with(&root.page().to_le_bytes()) {
            return Err(bad(CursorFault::OtherCollection));
        }
        if checksum != check(root, spec, head, place) {
            return Err(bad(CursorFault::Changed));
        }
        Ok(place)
    }
}

const fn bad(reason: CursorFault) -> Error {
    Error::BadCursor { reason }
}

/// Returns the checksum of a cursor: a hash of the cursor and the declaration of its collection.
fn check<M: Memory>(root: &Root<M>, spec: &RootSpec, head: &[u8], place: &[u8]) -> [u8; 8] {
    let key = spec.key.map_or([0; 16], |(_, fingerprint)| fingerprint.0);
    let name = root.name().as_bytes();
    let parts = [b"cursor", head, &[spec.kind as u8], &key, &[name.len() as u8], name, place];
    Fingerprint::of(&parts.concat()).short()
}

/// The first byte of a position in an ordered collection: no bound, an included key (`AT`) or an
/// excluded key (`BEYOND`).
const OPEN: u8 = 0;
const AT: u8 = 1;
const BEYOND: u8 = 2;
/// The first byte of a position in a search.
const SEARCH: u8 = 3;

/// Positions in ordered collections, as the first bound of a range.
impl Cursor {
    /// Returns the cursor that begins at a bound.
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
        let (side, key) = position(bound);
        Cursor::new(root, spec, direction, &[&[side], key].concat())
    }

    /// Creates a cursor of a search in the table at `root`: the number of the alternative that
    /// finds its rows, and the bound from which that continues.
    pub(crate) fn of_search<M: Memory>(
        root: &Root<M>,
        spec: &RootSpec,
        direction: Direction,
        (number, bound): &(u16, Bound<KeyBuf>),
    ) -> Self {
        let (side, key) = position(bound);
        let [low, high] = number.to_le_bytes();
        Cursor::new(root, spec, direction, &[&[SEARCH, low, high, side], key].concat())
    }

    /// Returns the position of a search in the table at `root`.
    ///
    /// # Errors
    /// [`Error::BadCursor`] if the cursor is not one of a search there.
    pub(crate) fn search_position<M: Memory>(
        &self,
        root: &Root<M>,
        spec: &RootSpec,
    ) -> Result<(u16, Bound<KeyBuf>)> {
        match self.place(root, spec)? {
            [SEARCH, low, high, side, key @ ..] => {
                Ok((u16::from_le_bytes([*low, *high]), bound_of(*side, key)?))
            }
            _ => Err(bad(CursorFault::NoPosition)),
        }
    }

    /// Returns the bound of the cursor. `key_size` is the size of all keys, if they have one.
    fn bound<M: Memory>(
        &self,
        root: &Root<M>,
        spec: &RootSpec,
        key_size: Option<usize>,
    ) -> Result<Bound<KeyBuf>> {
        let Some((side, key)) = self.place(root, spec)?.split_first() else {
            return Err(bad(CursorFault::NoPosition));
        };
        if *side != OPEN && key_size.is_some_and(|size| size != key.len()) {
            return Err(bad(CursorFault::WrongKeyLength));
        }
        bound_of(*side, key)
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

fn position(bound: &Bound<KeyBuf>) -> (u8, &[u8]) {
    match bound {
        Bound::Unbounded => (OPEN, &[]),
        Bound::Included(key) => (AT, key.as_slice()),
        Bound::Excluded(key) => (BEYOND, key.as_slice()),
    }
}

fn bound_of(side: u8, key: &[u8]) -> Result<Bound<KeyBuf>> {
    match side {
        OPEN if key.is_empty() => Ok(Bound::Unbounded),
        AT => Ok(Bound::Included(KeyBuf::from(key))),
        BEYOND => Ok(Bound::Excluded(KeyBuf::from(key))),
        _ => Err(bad(CursorFault::NoPosition)),
    }
}

/// Returns the greater one of two starts, or the lesser one of two ends.
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
