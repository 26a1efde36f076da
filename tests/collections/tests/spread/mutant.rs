//! Damaged images: structure is changed, not just any byte.

use graven::page::PAGE_SIZE;
use graven_tests::rng::Rng;

use crate::store::{NAMES, VICTIMS};

/// The pages of a collection.
#[derive(Default)]
struct Parts {
    root: u32,
    nodes: Vec<u32>,
    /// Heads of chains and the slots' places that name them.
    chains: Vec<(usize, u32)>,
    extents: Vec<u32>,
}

pub struct Anatomy {
    parts: Vec<Parts>,
    pages: u32,
}

fn word(image: &[u8], at: usize) -> u32 {
    image.get(at..at + 4).map_or(0, |word| u32::from_le_bytes(word.try_into().unwrap()))
}

fn half(image: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([image[at], image[at + 1]]))
}

fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(part) = image.get_mut(at..at + bytes.len()) {
        part.copy_from_slice(bytes);
    }
}

const fn at(page: u32) -> usize {
    page as usize * PAGE_SIZE
}

fn pick<T: Copy>(from: &[T], rng: &mut Rng) -> Option<T> {
    (!from.is_empty()).then(|| from[rng.below(from.len() as u64) as usize])
}

impl Anatomy {
    pub fn of(image: &[u8]) -> Self {
        let pages = word(image, 32);
        let root = |name: &str| {
            (1..pages).find(|page| {
                let at = at(*page);
                image[at] == 3 && half(image, at + 2) == name.len() && image[at + 64..].starts_with(name.as_bytes())
            })
        };
        let parts = NAMES.map(|name| Self::parts(image, pages, root(name).unwrap()));
        Anatomy { parts: parts.into(), pages }
    }

    fn parts(image: &[u8], pages: u32, root: u32) -> Parts {
        let mut parts = Parts { root, ..Parts::default() };
        let is_node = |page: &u32| [2, 6, 7, 8].contains(&image[at(*page)]) && word(image, at(*page) + 12) == root;
        parts.nodes = (1..pages).filter(is_node).collect();
        let top = word(image, at(root) + 8);
        if image[at(root) + 1] == 1 {
            parts.chains.push((at(root) + 8, top));
        }
        for node in parts.nodes.iter().map(|page| at(*page)).filter(|node| image[*node] == 2 && image[node + 1] == 0) {
            for slot in (0..half(image, node + 2)).map(|slot| half(image, node + 32 + 2 * slot)) {
                if slot & 0x4000 != 0 {
                    let cell = node + (slot & 0xfff);
                    parts.chains.push((cell, word(image, cell)));
                }
            }
        }
        for (_, head) in &parts.chains {
            let mut page = *head;
            while page != 0 {
                parts.extents.push(page);
                page = word(image, at(page) + 8);
            }
        }
        parts
    }

    pub fn victims(&self) -> usize {
        VICTIMS
    }

    pub fn all(&self) -> usize {
        NAMES.len()
    }

    pub fn name(&self, at: usize) -> &'static str {
        NAMES[at]
    }

    fn any_page(&self, own: &Parts, rng: &mut Rng) -> u32 {
        match rng.below(4) {
            0 => pick(&own.nodes, rng).unwrap_or(1),
            1 => pick(&self.parts[rng.below(self.parts.len() as u64) as usize].nodes, rng).unwrap_or(2),
            2 => self.parts[rng.below(self.parts.len() as u64) as usize].root,
            _ => rng.below(u64::from(self.pages) + 2) as u32,
        }
    }

    /// Changes something of a collection's pages.
    pub fn mutate(&self, victim: usize, image: &mut [u8], rng: &mut Rng) -> String {
        let own = &self.parts[victim];
        let small = |rng: &mut Rng| match rng.below(4) {
            0 => rng.below(4) as u16,
            1 => 0xffff,
            2 => rng.below(4_200) as u16,
            _ => rng.any() as u16,
        };
        let node = pick(&own.nodes, rng).unwrap_or(own.root);
        match rng.below(13) {
            0 => {
                let from = match rng.below(3) {
                    0 => pick(&own.nodes, rng).unwrap_or(own.root),
                    1 => rng.below(u64::from(self.pages)) as u32,
                    _ => pick(&self.parts[rng.below(self.parts.len() as u64) as usize].nodes, rng).unwrap_or(2),
                };
                image.copy_within(at(from)..at(from) + PAGE_SIZE, at(node));
                format!("page {from} copied over node {node}")
            }
            1 | 2 => {
                // A child of a node, of a branch, or a chain.
                let count = half(image, at(node) + 2).max(1) as u64;
                let to = self.any_page(own, rng);
                let place = match image[at(node)] {
                    6 => at(node) + 32 + 12 * rng.below(count) as usize,
                    2 if image[at(node) + 1] > 0 => {
                        let slot = half(image, at(node) + 32 + 2 * rng.below(count) as usize);
                        at(node) + (slot & 0xfff)
                    }
                    _ => match pick(&own.chains, rng) {
                        // The chain of another value can not be told from one's own.
                        Some((place, _)) if image[at(to)] != 1 => place,
                        _ => return format!("nothing"),
                    },
                };
                put(image, place, &to.to_le_bytes());
                format!("pointer at {} of {} to {to}", place % PAGE_SIZE, place / PAGE_SIZE)
            }
            3 => {
                let (field, value) = (2 + 2 * rng.below(5) as usize, small(rng));
                put(image, at(node) + field, &value.to_le_bytes());
                format!("field {field} of node {node} = {value}")
            }
            4 => {
                let count = half(image, at(node) + 2).max(1) as u64;
                let (slot, other) = (rng.below(count) as usize, rng.below(count) as usize);
                let value = match rng.below(3) {
                    0 => half(image, at(node) + 32 + 2 * other) as u16,
                    1 => half(image, at(node) + 32 + 2 * slot) as u16 ^ (1 << (12 + rng.below(4))),
                    _ => rng.any() as u16,
                };
                put(image, at(node) + 32 + 2 * slot, &value.to_le_bytes());
                format!("slot {slot} of node {node} = {value:x}")
            }
            5 | 6 => {
                let Some(extent) = pick(&own.extents, rng) else { return "nothing".to_owned() };
                let field = 4 + 4 * rng.below(4) as usize;
                let value = match rng.below(4) {
                    0 => rng.below(6) as u32,
                    1 => pick(&self.parts[rng.below(self.parts.len() as u64) as usize].extents, rng).unwrap_or(0),
                    2 => pick(&own.extents, rng).unwrap_or(0),
                    _ => self.any_page(own, rng),
                };
                put(image, at(extent) + field, &value.to_le_bytes());
                format!("field {field} of extent {extent} = {value}")
            }
            7 => {
                let (root, second) = (at(own.root), if rng.once_in(3) { 3840 - 8 } else { 0 });
                let field = [8, 12, 16, 20, 24, 32][rng.below(6) as usize];
                let value = if field == 8 { self.any_page(own, rng) } else { small(rng).into() };
                if field == 8 && image[at(value)] == 1 {
                    return "nothing".to_owned();
                }
                put(image, root + second + field, &value.to_le_bytes());
                format!("state {field} of root {} = {value}", own.root)
            }
            8 => {
                let (field, value) = match rng.below(3) {
                    0 => (0, [1, 2, 3, 6, 7, 8][rng.below(6) as usize]),
                    1 => (1, rng.below(4) as u8),
                    _ => (16 + rng.below(8) as usize, rng.any() as u8),
                };
                image[at(node) + field] = value;
                format!("byte {field} of node {node} = {value}")
            }
            9 => {
                let value = self.any_page(own, rng);
                let field = [12, 24, 28][rng.below(3) as usize];
                put(image, at(node) + field, &value.to_le_bytes());
                format!("field {field} of node {node} = {value}")
            }
            10 => {
                let Some((place, _)) = pick(&own.chains, rng) else { return "nothing".to_owned() };
                let value = small(rng);
                put(image, place + 4, &u32::from(value).to_le_bytes());
                format!("length at {} of {} = {value}", place % PAGE_SIZE, place / PAGE_SIZE)
            }
            11 => {
                let place = at(own.root) + 3584 + rng.below(64) as usize;
                image[place] = rng.any() as u8;
                format!("extra {} of root", place % PAGE_SIZE)
            }
            _ => {
                let place = at(node) + rng.below(PAGE_SIZE as u64 - 8) as usize;
                let bytes = rng.bytes_below(8);
                put(image, place, &bytes);
                format!("bytes at {} of node {node}", place % PAGE_SIZE)
            }
        }
    }
}
