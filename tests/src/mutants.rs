//! Damage to the structure of one collection: what links pages, counts, sizes, and whole pages. A
//! mutant follows from a seed and a number.

use std::fmt;
use std::ops::RangeInclusive;

use graven_core::page::{Kind, PAGE_SIZE};

use crate::ownership::{
    LINK_AT, NEXT_AT, OWNER_AT, Owner, Ownership, SECOND_STATE_AT, SLOTS_AT, is_tree, kind_of, number,
    references, superblock,
};
use crate::rng::Rng;

/// A class of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The number of a page below a root, node, branch or bucket.
    Child,
    /// The page that follows in a chain, a bucket or a list.
    Next,
    /// The last extent of a chain.
    Tail,
    /// The pages of an extent or a chain.
    Size,
    /// A count, level, width or offset in a header or an entry.
    Count,
    /// A slot.
    Slot,
    /// A number in a root.
    State,
    /// A page of the collection in the place of another one of it.
    Copied,
    /// A copy of a page of another collection, which says that this one owns it.
    Adopted,
    /// The first detached tree of the store.
    Detached,
}

/// One change of an image.
#[derive(Debug, Clone)]
pub enum Change {
    /// Another number in a page.
    Number {
        /// Its class.
        class: Class,
        /// The page.
        page: u32,
        /// The offset in the page.
        offset: usize,
        /// Bytes of the number.
        width: usize,
        /// The number.
        from: u64,
        /// The number afterwards.
        to: u64,
    },
    /// A page in the place of another one.
    Page {
        /// Its class.
        class: Class,
        /// The page that is copied.
        from: u32,
        /// The page that it is copied over.
        to: u32,
        /// The root's page that the copy names as its owner.
        owner: u32,
    },
}

impl Change {
    /// Its class.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Change::Number { class, .. } | Change::Page { class, .. } => *class,
        }
    }

    fn apply(&self, image: &mut [u8]) {
        match *self {
            Change::Number { page, offset, width, to, .. } => {
                let at = page as usize * PAGE_SIZE + offset;
                image[at..at + width].copy_from_slice(&to.to_le_bytes()[..width]);
            }
            Change::Page { from, to, owner, .. } => {
                let (from, to) = (from as usize * PAGE_SIZE, to as usize * PAGE_SIZE);
                image.copy_within(from..from + PAGE_SIZE, to);
                image[to + OWNER_AT..to + OWNER_AT + 4].copy_from_slice(&owner.to_le_bytes());
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Number { class, page, offset, width, from, to } => {
                write!(f, "{class:?}: {width} bytes at {offset} of page {page}: {from} -> {to}")
            }
            Change::Page { class, from, to, owner } => {
                write!(f, "{class:?}: page {from} copied over page {to}, owner {owner}")
            }
        }
    }
}

/// Changes at most.
const MAX_CHANGES: u64 = 5;

/// A number in a page that can be changed.
#[derive(Clone, Copy)]
struct Field {
    class: Class,
    offset: usize,
    width: usize,
}

const fn field(class: Class, offset: usize, width: usize) -> Field {
    Field { class, offset, width }
}

const STATE: [Field; 5] = [
    field(Class::Child, 0, 4),
    field(Class::State, 4, 4),
    field(Class::State, 8, 8),
    field(Class::State, 16, 8),
    field(Class::State, 24, 4),
];

const EXTENT: [Field; 4] = [
    field(Class::Size, 4, 4),
    field(Class::Next, 8, 4),
    field(Class::Tail, 12, 4),
    field(Class::Size, 16, 4),
];

/// The kinds of the roots of tables and indexes.
const TABLE_AND_INDEXES: RangeInclusive<u64> = 21..=23;

/// Offset in a root of the sweep's cursor: its length, then its bytes.
const CURSOR_AT: usize = 2368;

/// The state and the extra bytes of a root: its tree, its second one, and where they begin. Tables
/// and indexes have no second tree, and say by one byte and the cursor which rows have entries.
fn fields_of_root(collection: u64) -> Vec<Field> {
    let state = |at: usize| STATE.map(|state| Field { offset: at + state.offset, ..state });
    let extra = [3584, 3592, 3872, 3880, 3936].map(|at| field(Class::State, at, 8));
    let rows = [field(Class::State, 324, 4), field(Class::State, 3600, 2)];
    if TABLE_AND_INDEXES.contains(&collection) {
        let indexed = [(3584, 1), (3584, 8), (CURSOR_AT, 2), (CURSOR_AT + 2, 8)];
        let indexed = indexed.map(|(at, width)| field(Class::State, at, width));
        return state(8).into_iter().chain(indexed).chain(rows).collect();
    }
    state(8).into_iter().chain(state(SECOND_STATE_AT)).chain(extra).chain(rows).collect()
}

/// The numbers in a page with a header.
fn fields(image: &[u8], page: u32, rng: &mut Rng) -> Vec<Field> {
    let (kind, start) = (kind_of(image, page), page as usize * PAGE_SIZE);
    if kind == Kind::Extent as u8 {
        return EXTENT.to_vec();
    }
    if kind == Kind::Root as u8 {
        return fields_of_root(number(image, start + 1, 1));
    }
    if !is_tree(kind) {
        return Vec::new();
    }
    let mut fields = vec![field(Class::Count, 1, 1), field(Class::Count, 2, 2), field(Class::Count, 4, 2)];
    fields.push(field(Class::Next, LINK_AT, 4));
    let count = number(image, start + 2, 2).max(1);
    let below = references(image, page);
    // A few of them, so that links do not keep all other numbers from being changed.
    for _ in 0..below.len().min(6) {
        let at = below[rng.below(below.len() as u64) as usize] - start;
        fields.push(field(if at == NEXT_AT { Class::Next } else { Class::Child }, at, 4));
    }
    if kind == Kind::Node as u8 || kind == Kind::Bucket as u8 {
        fields.extend([6, 8, 10].map(|at| field(Class::Count, at, 2)));
        fields.push(field(Class::Slot, SLOTS_AT + 2 * rng.below(count) as usize, 2));
    }
    if kind == Kind::Node as u8 {
        // The length of fixed cells.
        fields.push(field(Class::Count, NEXT_AT, 2));
    }
    if kind == Kind::Branch as u8 {
        let width = number(image, start + 4, 2) as usize;
        let entry = SLOTS_AT + width * rng.below(count) as usize;
        let size = width.saturating_sub(4).min(8);
        fields.push(field(Class::Count, entry + 4, size));
    }
    fields.retain(|field| field.width > 0 && field.offset + field.width <= PAGE_SIZE);
    fields
}

/// Makes mutants of a sound image.
pub struct Mutator<'a> {
    image: &'a [u8],
    pages: &'a Ownership,
}

impl<'a> Mutator<'a> {
    /// Reads a sound image.
    #[must_use]
    pub fn new(image: &'a [u8], pages: &'a Ownership) -> Self {
        Mutator { image, pages }
    }

    /// Damages the collection with this root. Returns the changes and the image.
    #[must_use]
    pub fn mutate(&self, root: u32, rng: &mut Rng) -> (Vec<Change>, Vec<u8>) {
        let own: Vec<u32> = self.pages.headed(|owner| owner.is_of(root)).collect();
        let (mut changes, mut image) = (Vec::new(), self.image.to_vec());
        let wanted = 1 + rng.below(MAX_CHANGES) as usize;
        while changes.len() < wanted {
            if let Some(change) = self.change(root, &own, &image, rng) {
                change.apply(&mut image);
                changes.push(change);
            }
        }
        (changes, image)
    }

    /// Returns a change, or nothing where it would change nothing.
    fn change(&self, root: u32, own: &[u32], image: &[u8], rng: &mut Rng) -> Option<Change> {
        match rng.below(20) {
            0 => self.detached(image, own, rng),
            1 => self.copied(root, own, rng),
            2 => self.adopted(root, own, rng),
            _ => self.number(own, image, rng),
        }
    }

    fn detached(&self, image: &[u8], own: &[u32], rng: &mut Rng) -> Option<Change> {
        let from = number(image, superblock::DETACHED, 4);
        let to = self.listed(self.some_page(0, own, rng), own);
        let (class, offset) = (Class::Detached, superblock::DETACHED);
        (from != u64::from(to)).then_some(Change::Number {
            class,
            page: 0,
            offset,
            width: 4,
            from,
            to: to.into(),
        })
    }

    fn copied(&self, root: u32, own: &[u32], rng: &mut Rng) -> Option<Change> {
        let trees: Vec<u32> =
            own.iter().copied().filter(|page| is_tree(kind_of(self.image, *page))).collect();
        let (from, to) = (pick(&trees, rng)?, pick(&trees, rng)?);
        (from != to).then_some(Change::Page { class: Class::Copied, from, to, owner: root })
    }

    fn adopted(&self, root: u32, own: &[u32], rng: &mut Rng) -> Option<Change> {
        let to = pick(own, rng).filter(|page| is_tree(kind_of(self.image, *page)))?;
        let from = self.foreign(kind_of(self.image, to), own, rng)?;
        Some(Change::Page { class: Class::Adopted, from, to, owner: root })
    }

    fn number(&self, own: &[u32], image: &[u8], rng: &mut Rng) -> Option<Change> {
        let page = pick(own, rng)?;
        let all = fields(image, page, rng);
        let Field { class, offset, width } = *all.get(rng.below(all.len().max(1) as u64) as usize)?;
        let from = number(image, page as usize * PAGE_SIZE + offset, width);
        let to = match class {
            Class::Child | Class::Next | Class::Tail => {
                let like = kind_of(image, from as u32);
                let to = self.some_page(like, own, rng);
                u64::from(if offset == LINK_AT { self.listed(to, own) } else { to })
            }
            _ => some_number(from, width, rng),
        };
        (from != to).then_some(Change::Number { class, page, offset, width, from, to })
    }

    /// Any page: most often one of the same kind, here or elsewhere.
    fn some_page(&self, like: u8, own: &[u32], rng: &mut Rng) -> u32 {
        let any = |rng: &mut Rng| rng.below(self.pages.len().into()) as u32;
        match rng.below(16) {
            0 => 0,
            1 => self.pages.len() + rng.below(3) as u32,
            2 => u32::MAX >> rng.below(32),
            3..7 => pick(own, rng).unwrap_or(0),
            7..13 => self.foreign(like, own, rng).unwrap_or_else(|| any(rng)),
            _ => any(rng),
        }
    }

    /// A page of this kind of another collection, or a free one.
    fn foreign(&self, kind: u8, own: &[u32], rng: &mut Rng) -> Option<u32> {
        let others = self.pages.headed(|owner| owner != Owner::Store);
        let others = others.filter(|page| kind_of(self.image, *page) == kind && !own.contains(page));
        pick(&others.collect::<Vec<_>>(), rng)
    }

    /// A page for the list of detached trees. It is not one that another collection uses: nothing
    /// but a walk over all of that collection could tell that it is not detached.
    fn listed(&self, page: u32, own: &[u32]) -> u32 {
        let is_in_use = matches!(self.pages.owner(page), Some(Owner::Root(_)));
        if is_in_use && !own.contains(&page) && is_tree(kind_of(self.image, page)) { 0 } else { page }
    }
}

fn pick(pages: &[u32], rng: &mut Rng) -> Option<u32> {
    pages.get(rng.below(pages.len().max(1) as u64) as usize).copied()
}

/// Another number of so many bytes: near the one before, or one at which something ends.
fn some_number(from: u64, width: usize, rng: &mut Rng) -> u64 {
    let most = u64::MAX >> (64 - 8 * width);
    let to = match rng.below(8) {
        0 => 0,
        1 => 1,
        2 => from.wrapping_add(1),
        3 => from.wrapping_sub(1),
        4 => from.wrapping_mul(2),
        5 => most >> rng.below(2),
        6 => rng.below(4_200),
        _ => rng.any() >> rng.below(64),
    };
    to & most
}
