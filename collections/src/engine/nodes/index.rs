//! An index of the children of an inner node on the heap, searched by key prefixes.

use graven_core::page::PageNumber;

/// The part of a child that a search in an inner node needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Child {
    /// The first eight bytes of the key before it, as a big-endian number. It has no meaning for
    /// the first child, and is 0 in an index.
    pub(crate) head: u64,
    /// The page of the child.
    pub(crate) page: PageNumber,
}

/// The children of a node in order. The range of their prefixes is cut into equal parts, and
/// `starts` holds the last child before each. If prefixes are spread evenly, a search compares one
/// or two children. Otherwise it halves.
#[derive(Debug, Default)]
pub(crate) struct ChildIndex {
    children: Vec<Child>,
    /// The position of the last child before each part, and at the end that of the last child.
    starts: Vec<u16>,
    /// The first key prefix of the first part.
    base: u64,
    /// The number of low bits of a prefix that give the position inside its part.
    shift: u32,
    /// The number of children when the parts were cut.
    cut: usize,
}

/// The number of children that a search compares one after another, before it halves the rest.
const MANY_CHILDREN: usize = 8;

impl ChildIndex {
    /// Returns an index of children, which are in the order of their prefixes. If they are not,
    /// which is damage, searches find any of them.
    pub(crate) fn new(children: Vec<Child>) -> Self {
        let mut index = ChildIndex { children, ..ChildIndex::default() };
        index.cut();
        index
    }

    fn cut(&mut self) {
        (self.base, self.shift, self.cut) = (0, 63, self.children.len());
        self.starts.clear();
        let Some((first, rest)) = self.children.split_first_mut() else { return };
        // No prefix is below that of the first child, so a search needs no test for it.
        first.head = 0;
        let mut parts = 2;
        if let (Some(first), Some(last)) = (rest.first(), rest.last())
            && first.head < last.head
        {
            let bits = rest.len().ilog2() + 1;
            (self.base, parts) = (first.head, 2 << bits);
            self.shift = (64 - (last.head - first.head).leading_zeros()).saturating_sub(bits);
            self.starts.reserve(parts + 1);
        }
        for (before, child) in (0u16..).zip(&*rest) {
            let part = (child.head.saturating_sub(self.base) >> self.shift).min(parts as u64 - 1) as usize;
            while self.starts.len() <= part {
                self.starts.push(before);
            }
        }
        self.starts.push(rest.len() as u16);
    }

    /// Returns the children.
    pub(crate) fn children(&self) -> &[Child] {
        &self.children
    }

    /// Inserts a child at a position other than the first.
    pub(crate) fn insert(&mut self, at: usize, child: Child) {
        if at > self.children.len() {
            return;
        }
        let part = self.part(child.head);
        let is_known = child.head >= self.base && part <= 2 * self.children.len();
        self.children.insert(at, child);
        if !is_known || self.children.len() > 2 * self.cut {
            return self.cut();
        }
        let last = self.children.len() as u16 - 1;
        while self.starts.len() <= part + 1 {
            self.starts.push(last - 1);
        }
        self.starts.iter_mut().skip(part + 1).for_each(|start| *start += 1);
    }

    /// Removes the child at a position.
    pub(crate) fn remove(&mut self, at: usize) {
        if at >= self.children.len() {
            return;
        }
        let child = self.children.remove(at);
        let part = self.part(child.head);
        match self.starts.get_mut(part + 1..) {
            Some(starts) if at > 0 => {
                starts.iter_mut().for_each(|start| *start = start.saturating_sub(1));
            }
            _ => self.cut(),
        }
    }

    fn part(&self, head: u64) -> usize {
        let part = head.saturating_sub(self.base) >> (self.shift & 63);
        // No node has more parts than this, and there is room to add one where a word has 32 bits.
        part.min(u16::MAX.into()) as usize
    }

    /// Returns the last child whose prefix is at most `head`, or the first one, and the children
    /// after it.
    #[inline(always)]
    pub(crate) fn around(&self, head: u64) -> Option<(&Child, &[Child])> {
        let mut rest = self.children.as_slice();
        if head >= self.base {
            let part = (head - self.base) >> (self.shift & 63);
            let start = if part < self.starts.len() as u64 { self.starts.get(part as usize) } else { None };
            // A prefix above those of all parts leads to the last child.
            let start = start.map_or(rest.len().saturating_sub(1), |start| usize::from(*start));
            rest = rest.get(start..)?;
        }
        let mut rest = rest.iter();
        let mut child = rest.next()?;
        for _ in 0..MANY_CHILDREN {
            match rest.as_slice() {
                [next, ..] if next.head <= head => child = rest.next()?,
                rest => return Some((child, rest)),
            }
        }
        let rest = rest.as_slice();
        let more = rest.partition_point(|child| child.head <= head);
        let child = more.checked_sub(1).map_or(Some(child), |last| rest.get(last))?;
        Some((child, rest.get(more..)?))
    }

    /// Returns the position of the last child whose prefix is at most `head`, or 0 if there is
    /// none.
    pub(crate) fn find(&self, head: u64) -> usize {
        self.around(head).map_or(0, |(_, rest)| self.children.len() - rest.len() - 1)
    }

    /// Returns the position of the first child, but at least 1, whose prefix is at least `head`.
    pub(crate) fn first_of(&self, head: u64) -> usize {
        head.checked_sub(1).map_or(0, |less| self.find(less)) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(children: &[Child], head: u64) -> usize {
        children.iter().skip(1).take_while(|child| child.head <= head).count()
    }

    fn check(heads: &[u64]) {
        let children: Vec<_> =
            (0..).map(PageNumber::new).zip(heads).map(|(page, head)| Child { head: *head, page }).collect();
        let index = ChildIndex::new(children.clone());
        let around = |head: u64| [head.wrapping_sub(1), head, head.wrapping_add(1)];
        for head in heads.iter().copied().flat_map(around).chain([0, u64::MAX, u64::MAX / 2]) {
            let found = naive(&children, head);
            assert_eq!(index.find(head), found, "{head} among {heads:?}");
            let first = if head == 0 { 1 } else { naive(&children, head - 1) + 1 };
            assert_eq!(index.first_of(head), first, "first {head} among {heads:?}");
        }
    }

    #[test]
    fn children_are_found_whatever_their_heads() {
        check(&[7]);
        check(&[0, 5]);
        check(&[0, 5, 5, 5]);
        check(&[0, 0, 0, 9]);
        check(&[0, 0, u64::MAX]);
        check(&[9, u64::MAX, u64::MAX]);
        check(&(0..290).collect::<Vec<_>>());
        check(&(0..290).map(|n| n * 0x00e1_fc78_3f1e_0001).collect::<Vec<_>>());
        check(&(0..60).map(|n| 1u64 << n).collect::<Vec<_>>());
        check(&(0..200).map(|n| n * n * n).collect::<Vec<_>>());
        let mut state = 1u64;
        for len in 1..250 {
            let mut heads: Vec<u64> = (0..len)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    state >> (state % 50)
                })
                .collect();
            heads.sort_unstable();
            check(&heads);
        }
    }

    #[test]
    fn heads_in_no_order_end_a_search() {
        let children = [3, 9, 1, u64::MAX, 0, 7].map(|head| Child { head, page: PageNumber::NONE });
        let index = ChildIndex::new(children.to_vec());
        for head in (0..20).chain([u64::MAX]) {
            assert!(index.find(head) < children.len());
        }
    }

    #[test]
    fn children_come_and_go() {
        let mut heads: Vec<u64> = (0..50).map(|n| n * 1_000_003).collect();
        let child = |head: &u64| Child { head: *head, page: PageNumber::new((*head % 997) as u32) };
        let mut index = ChildIndex::new(heads.iter().map(child).collect());
        let mut state = 1u64;
        for round in 0..200 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let head = match round {
                0 => 17,
                1 => u64::MAX - 1,
                2 => u64::MAX,
                _ => state >> (state % 40),
            };
            let at = heads.iter().skip(1).take_while(|found| **found <= head).count() + 1;
            heads.insert(at, head);
            index.insert(at, child(&head));
            if round % 3 == 2 {
                let at = (state >> 7) as usize % heads.len();
                heads.remove(at);
                index.remove(at);
            }
            let pages = |children: &[Child]| children.iter().map(|child| child.page).collect::<Vec<_>>();
            let expected: Vec<_> = heads.iter().map(child).collect();
            assert_eq!(pages(index.children()), pages(&expected));
            assert_eq!(index.children()[1..], expected[1..]);
            for head in heads.iter().flat_map(|head| [head.wrapping_sub(1), *head, head.wrapping_add(1)]) {
                assert_eq!(index.find(head), naive(index.children(), head));
            }
        }
    }
}
