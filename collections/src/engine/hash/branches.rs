//! Splits and merges of directory branches. As with buckets, each adds or removes one leading bit.

use graven_core::page::PageNumber;
use graven_core::page::branch::BRANCH_HEADER;
use graven_core::{Memory, Result};

use crate::engine::hash::directory::{BITS, Branch, Bucket, Entry, FAN, WIDTH, entry_of};
use crate::engine::hash::position::prefix;
use crate::engine::hash::table::Table;

/// The bytes of all entries of a branch.
const ENTRIES: usize = FAN * WIDTH;

impl<M: Memory> Table<M> {
    /// Returns the number of pages that splitting the branch of a bucket may need.
    pub(crate) fn pages_of_branch_split(&self) -> u32 {
        self.root.state().height.get()
    }

    /// Splits the branch of a level that leads to a hash position, so that each half resolves one
    /// bit more. The pages for it must have been reserved.
    pub(crate) fn split_branch(&self, place: u64, level: u32) -> Result<()> {
        let (branch, mut above) = self.branch(place, level)?;
        if above.is_some_and(|above| branch.depth >= above.depth + BITS) {
            self.split_branch(place, level + 1)?;
            above = self.branch(place, level)?.1;
        }
        let above = match above {
            Some(above) => above,
            None => self.raise(branch)?,
        };
        let entries = self.entries(branch)?;
        let (lower, upper) = entries.split_at(ENTRIES / 2);
        let page = self.root.pager().allocate()?;
        self.write_branch(page, level, &twice(upper))?;
        self.write_branch(branch.page, level, &twice(lower))?;
        let (start, depth) = (prefix(place, branch.depth), branch.depth + 1);
        self.write_run(above, start, depth, Entry::branch(branch.page, depth))?;
        self.write_run(above, start | 1 << (u64::BITS - depth), depth, Entry::branch(page, depth))?;
        self.settle_pages(1)
    }

    /// Adds a new top branch above the current one and returns it.
    fn raise(&self, top: Branch) -> Result<Branch> {
        let page = self.root.pager().allocate()?;
        let level = top.level + 1;
        self.write_branch(page, level, &Entry::branch(top.page, 0).bytes().repeat(FAN))?;
        let mut state = self.root.state();
        (state.top, state.height) = (page.into(), (level + 1).into());
        self.root.set_state(state)?;
        self.settle_pages(1)?;
        Ok(Branch { page, level, depth: 0 })
    }

    /// Merges the branch that names only one bucket with its other half, if no entry of either
    /// needs the last bit. Returns `true` if they were merged.
    pub(crate) fn merge_branches(&self, bucket: &Bucket) -> Result<bool> {
        self.merge_branches_at(bucket.start, 1)
    }

    fn merge_branches_at(&self, place: u64, level: u32) -> Result<bool> {
        let (branch, Some(mut above)) = self.branch(place, level)? else { return Ok(false) };
        if branch.depth == above.depth {
            if !self.merge_branches_at(place, level + 1)? {
                return Ok(false);
            }
            let (_, Some(now)) = self.branch(place, level)? else { return Ok(false) };
            above = now;
        }
        let depth = branch.depth;
        let Some(shift) = u64::BITS.checked_sub(depth).filter(|shift| *shift < u64::BITS) else {
            return Ok(false);
        };
        let start = prefix(place, depth);
        let other = self.branch(start ^ 1 << shift, level)?.0;
        let is_lower = start & 1 << shift == 0;
        let (lower, upper) = if is_lower { (branch, other) } else { (other, branch) };
        let (true, Some(mut entries), Some(rest)) =
            (other.depth == depth, self.halved(lower)?, self.halved(upper)?)
        else {
            return Ok(false);
        };
        entries.extend(rest);
        self.write_branch(lower.page, level, &entries)?;
        self.write_run(above, prefix(start, depth - 1), depth - 1, Entry::branch(lower.page, depth - 1))?;
        self.root.pager().free_node(upper.page, self.root.page())?;
        self.settle_pages(-1)?;
        if depth == 1 {
            self.lower(above, lower.page)?;
        }
        Ok(true)
    }

    /// Removes a top branch that leads to one branch only.
    fn lower(&self, top: Branch, below: PageNumber) -> Result<()> {
        let mut state = self.root.state();
        (state.top, state.height) = (below.into(), top.level.into());
        self.root.set_state(state)?;
        self.root.pager().free_node(top.page, self.root.page())?;
        self.settle_pages(-1)
    }

    /// Returns the bytes of all entries of a branch.
    fn entries(&self, branch: Branch) -> Result<Vec<u8>> {
        self.with_directory(branch, |bytes| Ok(bytes[BRANCH_HEADER..BRANCH_HEADER + ENTRIES].to_vec()))
    }

    /// Returns the first entry of each pair, if both entries are the same in all pairs.
    fn halved(&self, branch: Branch) -> Result<Option<Vec<u8>>> {
        self.with_directory(branch, |bytes| {
            let mut half = Vec::with_capacity(ENTRIES);
            for index in (0..FAN).step_by(2) {
                let entry = entry_of(bytes, index)?;
                if entry != entry_of(bytes, index + 1)? {
                    return Ok(None);
                }
                half.extend(entry.bytes());
            }
            Ok(Some(half))
        })
    }
}

/// Returns each entry twice.
fn twice(entries: &[u8]) -> Vec<u8> {
    let (entries, _) = entries.as_chunks::<WIDTH>();
    entries.iter().flat_map(|entry| [*entry; 2]).flatten().collect()
}
