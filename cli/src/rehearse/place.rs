//! The page of a memory where code was when it trapped, and the root that owns it. docs/format.md
//! describes the headers.

use graven_testkit::StableMemory;

use super::report::Place;

const PAGE_SIZE: u64 = 4096;

/// The kinds of pages that have an owner, with its offset: extents, and pages of trees.
const OWNERS: [(u8, usize); 5] = [(1, 20), (2, 12), (6, 12), (7, 12), (8, 12)];

/// The kind of a root's page.
const ROOT: u8 = 3;

/// The offset of a root's name. Its length is at offset 2.
const NAME_AT: u64 = 64;

/// Returns the page at an offset, with the name of the root that owns it, if the memory is a store.
pub(super) fn at(stable: &StableMemory, offset: u64) -> Place {
    let page = offset / PAGE_SIZE;
    Place { page, root: owner(stable, page).and_then(|root| name(stable, root)) }
}

/// Returns the page of the root that owns a page.
fn owner(stable: &StableMemory, page: u64) -> Option<u64> {
    let header: [u8; 24] = read(stable, page * PAGE_SIZE)?;
    if header[0] == ROOT {
        return Some(page);
    }
    let (_, at) = OWNERS.iter().find(|(kind, _)| *kind == header[0])?;
    let owner = header.get(*at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*owner).into())
}

/// Returns the name in a root's page.
fn name(stable: &StableMemory, root: u64) -> Option<String> {
    let [kind, _, low, high] = read(stable, root * PAGE_SIZE)?;
    let len = u16::from_le_bytes([low, high]);
    let name: [u8; 255] = read(stable, root * PAGE_SIZE + NAME_AT)?;
    let name = name.get(..usize::from(len)).filter(|_| kind == ROOT && len > 0)?;
    String::from_utf8(name.to_vec()).ok()
}

fn read<const N: usize>(stable: &StableMemory, offset: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    stable.contains(offset, N as u64).then(|| stable.read(offset, &mut bytes))?;
    Some(bytes)
}
