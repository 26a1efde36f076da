//! Leaves: arrays of values of one size in one layout, or nodes of cells with values of any size
//! and up to four layouts. Both hold values in the order of their positions.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use std::borrow::Cow;

pub(crate) use graven_core::page::array::{ARRAY_AT, capacity};
use graven_core::page::branch::{BRANCH_HEADER, BRANCH_ROOM, BranchHeader};
use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{Kind, LayoutId, PAGE_SIZE, PageBytes, PageNumber};
use graven_core::simd::copy;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::cell::{CellFormat, Form};
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};

/// The kind of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeafKind {
    /// An array of values in the layout with this index.
    Array { layout: LayoutId, width: usize },
    /// A node of cells.
    Node,
}

/// A leaf that is to be written, with the number of positions that it will cover.
pub(crate) struct Piece {
    pub(crate) bytes: Box<PageBytes>,
    pub(crate) len: u64,
}

/// Returns the offset of a value in an array.
#[inline(always)]
#[expect(clippy::arithmetic_side_effects, reason = "`index` is below the capacity")]
pub(crate) fn place(leaf: &Leaf, position: u64, width: usize) -> Result<usize, Damage> {
    let index = position.wrapping_sub(leaf.start);
    if index < capacity(width) {
        return Ok(ARRAY_AT + index as usize * width);
    }
    Err(Damage::LengthMismatch)
}

/// Returns the kind of a leaf from its bytes, which include at least the header.
pub(crate) fn kind(bytes: &[u8]) -> Result<LeafKind, Damage> {
    let Some([kind, level, layout @ .., width_low, width_high]) = bytes.first_chunk::<6>() else {
        return Err(Damage::BeyondEnd);
    };
    if *kind == Kind::Node as u8 && *level == 0 {
        return Ok(LeafKind::Node);
    }
    let width = usize::from(u16::from_le_bytes([*width_low, *width_high]));
    if *kind != Kind::Array as u8 || width == 0 || width > BRANCH_ROOM {
        return Err(Damage::WrongKind);
    }
    Ok(LeafKind::Array { layout: LayoutId::new(u16::from_le_bytes(*layout)), width })
}

/// Returns the layouts that a leaf lists.
pub(crate) fn listed(bytes: &[u8]) -> Result<Vec<LayoutId>, Damage> {
    match kind(bytes)? {
        LeafKind::Array { layout, .. } => Ok(vec![layout]),
        LeafKind::Node => Ok(node::listed(&node::header(bytes)?).collect()),
    }
}

/// Builds an array of adjacent values, after `dead` dead slots.
#[expect(clippy::arithmetic_side_effects, reason = "the values fit after the dead slots")]
pub(crate) fn array(
    values: &[u8],
    dead: usize,
    width: usize,
    layout: LayoutId,
    owner: PageNumber,
) -> Box<PageBytes> {
    let mut bytes = Box::new([0; PAGE_SIZE]);
    let header = BranchHeader::new(Kind::Array, 0, layout.get(), width as u16, owner);
    let (front, room) = bytes.split_at_mut(BRANCH_HEADER);
    front.copy_from_slice(header.as_bytes());
    let (_, room) = room.split_at_mut(ARRAY_AT - BRANCH_HEADER + dead * width);
    copy(room.split_at_mut(values.len()).0, values);
    bytes
}

/// Offset of a page's owner.
const OWNER_AT: usize = core::mem::offset_of!(BranchHeader, owner);

/// Number of bytes from a page's beginning to the end of its owner.
const HEAD: usize = OWNER_AT + 4;

impl<M: Memory> Sequence<M> {
    /// Returns `true` if the bytes of a page, or the first of them, name this sequence as the
    /// owner.
    #[inline(always)]
    pub(crate) fn owns(&self, bytes: &[u8]) -> bool {
        bytes.get(OWNER_AT..HEAD) == Some(&self.root().page().to_le_bytes())
    }

    /// Reads the kind of the leaf in a page.
    pub(crate) fn leaf_kind(&self, page: PageNumber) -> Result<LeafKind> {
        let mut head = [0; HEAD];
        self.root().pager().read(page, 0, &mut head)?;
        self.kind_of(page, &head)
    }

    /// Returns `true` if a page is an array of the current layout in this sequence. A damaged
    /// branch may name any page.
    pub(crate) fn is_own_array(&self, page: PageNumber) -> bool {
        let current = LeafKind::Array { layout: self.root().current(), width: self.width.unwrap_or(0) };
        self.leaf_kind(page).is_ok_and(|found| found == current)
    }

    /// Returns the kind of the leaf in a page from its first bytes. A page of another collection is
    /// damage.
    pub(crate) fn kind_of(&self, page: PageNumber, bytes: &[u8]) -> Result<LeafKind> {
        let found = kind(bytes).on_page(self.root(), page)?;
        if !self.owns(bytes) {
            return Err(self.root().damaged(page, Damage::WrongOwner));
        }
        if let LeafKind::Array { layout, width } = found
            && self.root().size_of(layout, page)? != Some(width)
        {
            return Err(self.root().damaged(page, Damage::WrongValueSize));
        }
        Ok(found)
    }

    /// Returns all values of a leaf as cells, in order.
    #[expect(clippy::indexing_slicing, reason = "live positions are at most `capacity`, checked above")]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "`live` is a range, and its end is at most the capacity"
    )]
    pub(crate) fn items<'a>(&self, leaf: &Leaf, bytes: &'a PageBytes) -> Result<Vec<OwnedCell<'a>>> {
        let live = self.live(leaf);
        let LeafKind::Array { layout, width } = self.kind_of(leaf.page, bytes.as_slice())? else {
            let items = self.context.items(leaf.page, bytes)?;
            if items.len() as u64 != live.end - live.start {
                return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
            }
            return Ok(items);
        };
        if live.end > capacity(width) {
            return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
        }
        let values = &bytes[ARRAY_AT + live.start as usize * width..ARRAY_AT + live.end as usize * width];
        let format = CellFormat { key_size: Some(0), form: Form::Inline(Some(width)) };
        let cells = values.chunks_exact(width).map(|value| {
            // A cell is the value alone, unless that is very short.
            let mut cell = Cow::Borrowed(value);
            if format.len(0, width) > width {
                cell.to_mut().resize(format.len(0, width), 0);
            }
            OwnedCell { cell, layout, owns: false }
        });
        Ok(cells.collect())
    }

    /// Builds leaves of values: arrays if all have one size and the current layout, otherwise
    /// nodes.
    pub(crate) fn pieces(&self, items: &[OwnedCell<'_>], split: Split) -> Vec<Piece> {
        let owner = self.root().page();
        let current = |item: &OwnedCell<'_>| item.layout == self.root().current() && !item.owns;
        let Some(width) = self.width.filter(|_| items.iter().all(current)) else {
            let runs = node::partition(items, split, usize::MAX).into_iter().filter(|run| !run.is_empty());
            let pack =
                |run: &[OwnedCell<'_>]| Piece { bytes: node::build(run, 0, owner), len: run.len() as u64 };
            return runs.map(pack).collect();
        };
        let fits = capacity(width) as usize;
        let each = match split {
            Split::Ascending | Split::Full => fits,
            _ => items.len().div_ceil(items.len().div_ceil(fits).max(1)),
        };
        let pack = |run: &[OwnedCell<'_>]| self.array_of(run, width, self.root().current());
        items.chunks(each.max(1)).map(pack).collect()
    }

    /// Builds an array of values of one size and layout.
    pub(crate) fn array_of(&self, items: &[OwnedCell<'_>], width: usize, layout: LayoutId) -> Piece {
        let mut bytes = array(&[], 0, width, layout, self.root().page());
        let (_, room) = bytes.split_at_mut(ARRAY_AT);
        for (place, item) in room.chunks_exact_mut(width.max(1)).zip(items) {
            if let Some(value) = item.cell.get(..width) {
                copy(place, value);
            }
        }
        Piece { bytes, len: items.len() as u64 }
    }

    /// Reads the header of a node.
    pub(crate) fn node_header(&self, page: PageNumber) -> Result<NodeHeader> {
        let mut head = [0; HEADER_SIZE];
        self.root().pager().read(page, 0, &mut head)?;
        node::header(&head).on_page(self.root(), page)
    }

    /// Returns the size of values in a leaf, if it is an array of the current layout.
    pub(crate) fn current_width(&self, kind: LeafKind) -> Option<usize> {
        match kind {
            LeafKind::Array { layout, width } if layout == self.root().current() => {
                self.width.filter(|own| *own == width)
            }
            _ => None,
        }
    }
}
