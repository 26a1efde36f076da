//! The layout registry: section 7.

use super::bytes::{Reader, hex};
use super::descriptor::Type;
use super::memory::{Kind, Memory, PAGE, Use};

const HEADER: usize = 16;

/// Record i, that is the layout with index i.
pub struct Layout {
    pub fingerprint: [u8; 16],
    pub of: Type,
}

/// Reads all records and checks their fingerprints.
pub fn layouts(memory: &Memory) -> Vec<Layout> {
    let stream = stream(memory);
    let mut reader = Reader::new(&stream);
    let mut layouts: Vec<Layout> = Vec::new();
    while !reader.is_empty() {
        let fingerprint = reader.fingerprint();
        let len = reader.u32() as usize;
        let of = Type::parse(reader.take(len));
        assert_eq!(of.fingerprint(), fingerprint, "fingerprint of record {}", layouts.len());
        let twice = layouts.iter().any(|before| before.fingerprint == fingerprint);
        assert!(!twice, "the fingerprint {} occurs once", hex(&fingerprint));
        layouts.push(Layout { fingerprint, of });
    }
    assert_eq!(layouts.len(), memory.superblock.layouts as usize, "number of layouts");
    assert!(layouts.len() <= 0xffff, "indices go to fffe");
    layouts
}

fn stream(memory: &Memory) -> Vec<u8> {
    let superblock = &memory.superblock;
    let (mut stream, mut page, mut last) = (Vec::new(), superblock.registry, 0);
    while page != 0 {
        let bytes = memory.page(page, Kind::Registry, Use::Registry);
        stream.extend(&bytes[HEADER..]);
        last = page;
        page = Reader::new(&bytes[4..]).u32();
    }
    assert_eq!(last, superblock.registry_last, "the registry's last page");
    let (room, len) = (stream.len(), superblock.registry_len as usize);
    assert!(len <= room, "the registry has room for {len} bytes");
    assert!(len + (PAGE - HEADER) >= room, "all pages of the registry but the last one are full");
    stream.truncate(len);
    stream
}
