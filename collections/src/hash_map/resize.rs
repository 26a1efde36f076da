//! One bucket more or less: the entries of one group go to the buckets to which they now belong.

use graven_core::page::node::NodeHeader;
use graven_core::{Error, Memory, Result};

use super::bucket::{Item, Loaded, Packed, listed};
use super::directory::{self, Entry};
use super::insert::Change;
use super::shape::{MAX_BUCKETS, Shape};
use super::table::{Table, count_down};

/// A group with more pages than these is not expanded: that happens only where keys were made to collide, and
/// expanding would not help them.
const MOST_PAGES: usize = 1024;

impl<M: Memory> Table<M> {
    /// Adds a bucket, if that can be done: an entry is in its place without it.
    #[inline(never)]
    pub(super) fn grow(&self) {
        let buckets = self.shape.get().buckets;
        // Where memory has no room nothing is read in vain, insert after insert.
        if buckets < MAX_BUCKETS && self.root.pager().reserve(2).is_ok() {
            let _ = self.resize(buckets + 1);
        }
    }

    /// Takes a bucket away, if that can be done.
    #[inline(never)]
    pub(super) fn shrink(&self) {
        let buckets = self.shape.get().buckets;
        if self.root.state().len.get() == 0 {
            let _ = self.clear();
        } else if buckets > 1 {
            let _ = self.resize(buckets - 1);
        }
    }

    /// Takes as many buckets away as are not needed.
    pub(super) fn shrink_all(&self) {
        loop {
            let shape = self.shape.get();
            if self.used(self.sizes, self.root.state()) >= shape.least {
                return;
            }
            self.shrink();
            if self.shape.get() == shape {
                return;
            }
        }
    }

    /// Goes on to `buckets`, which is one more or one less. All that can fail comes before the first write.
    fn resize(&self, buckets: u32) -> Result<()> {
        let (before, after) = (self.shape.get(), Shape::new(buckets));
        let more = buckets > before.buckets;
        let span = if more { before.next() } else { after.next() };
        let last = span.last();
        let entries = span.kept().map(|bucket| self.entry(bucket)).collect::<Result<Vec<_>>>()?;
        let gone = if more { None } else { Some(self.entry(last)?) };
        if self.resize_plain(after, span, &entries, gone)? {
            return Ok(());
        }
        let mut old = Vec::new();
        for entry in entries.iter().chain(&gone) {
            self.load_chain(entry.page, &mut old)?;
        }
        let mut targets: Vec<u32> = span.kept().collect();
        targets.extend(more.then_some(last));
        let chains = self.distribute(&old, &targets, after)?;
        let new_pages: usize = chains.iter().map(Vec::len).sum();
        let missing = (new_pages as u32).saturating_sub(old.len() as u32);
        let branches = directory::pages(buckets).saturating_sub(directory::pages(before.buckets));
        self.root.pager().reserve(missing.saturating_add(branches).saturating_add(1))?;

        for header in old.iter().map(|loaded| &loaded.header) {
            self.count_changed(Some(header), &[])?;
        }
        for chain in &chains {
            self.count_changed(None, chain)?;
        }
        let mains: Vec<u32> = entries.iter().map(|entry| entry.page).collect();
        let mut spare: Vec<u32> =
            old.iter().map(|loaded| loaded.page).filter(|page| !mains.contains(page)).collect();
        let mut change = Change { pages: new_pages as i64 - old.len() as i64, ..Change::default() };
        let mut state = self.root.state();
        for (at, (chain, bucket)) in chains.into_iter().zip(&targets).enumerate() {
            let mut pages = Vec::with_capacity(chain.len());
            pages.extend(mains.get(at));
            while pages.len() < chain.len() {
                let page = spare.pop().map_or_else(|| self.root.pager().allocate(), Ok)?;
                pages.push(page);
            }
            let entry = Entry::new(pages[0], chain[0].grid, chain.len() > 1);
            self.write_chain(chain, &pages, 0)?;
            match entries.get(at) {
                Some(before) if *before == entry => {}
                Some(_) => self.set_entry(state, *bucket, entry)?,
                None => state = self.push_entry(state, *bucket, entry)?,
            }
        }
        if !more {
            state = self.pop_entry(state, last)?;
        }
        spare.into_iter().try_for_each(|page| self.root.pager().free(page))?;
        self.set_extra(self.seed(), after, self.chained())?;
        change.pages += i64::from(state.pages.get()) - i64::from(self.root.state().pages.get());
        let pages = i64::from(self.root.state().pages.get()) + change.pages;
        state.pages = u32::try_from(pages.max(0)).unwrap_or(u32::MAX).into();
        self.root.set_state(state)
    }

    fn load_chain(&self, first: u32, found: &mut Vec<Loaded>) -> Result<()> {
        let (mut page, mut left) = (first, self.most_pages());
        while page != 0 {
            if found.len() == MOST_PAGES {
                return Err(Error::OutOfMemory { pages: MOST_PAGES as u64 });
            }
            let loaded = self.load(page)?;
            page = loaded.header.next.get();
            found.push(loaded);
            left = count_down(left, page)?;
        }
        Ok(())
    }

    /// Packs all entries into the pages of their buckets.
    fn distribute(&self, old: &[Loaded], targets: &[u32], shape: Shape) -> Result<Vec<Vec<Packed>>> {
        let room = old.iter().map(|loaded| loaded.grid.places).sum::<usize>() / targets.len();
        let mut sorted: Vec<Vec<Item<'_>>> = targets.iter().map(|_| Vec::with_capacity(room)).collect();
        for loaded in old {
            for item in self.items(loaded)? {
                let bucket = shape.bucket(item.hash);
                let target = targets.iter().position(|target| *target == bucket);
                let why = "an entry is not in the bucket of its hash";
                let target = target.ok_or(Error::Damaged { page: loaded.page, why })?;
                sorted[target].push(item);
            }
        }
        Ok(sorted.iter_mut().map(|items| self.pack(items)).collect())
    }

    /// Counts the layouts of pages that take the place of another.
    pub(super) fn count_changed(&self, before: Option<&NodeHeader>, after: &[Packed]) -> Result<()> {
        let mut changes: Vec<(u16, i64)> = Vec::new();
        let mut add = |layout, change| match changes.iter_mut().find(|(known, _)| *known == layout) {
            Some((_, sum)) => *sum += change,
            None => changes.push((layout, change)),
        };
        before.into_iter().flat_map(listed).for_each(|layout| add(layout, -1));
        after.iter().flat_map(|packed| listed(&packed.header)).for_each(|layout| add(layout, 1));
        changes.into_iter().try_for_each(|(layout, change)| self.count(layout, change))
    }
}
