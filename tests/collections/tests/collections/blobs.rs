//! Blobs against byte vectors.

use std::collections::BTreeMap as Std;
use std::io::{Read, Seek, SeekFrom, Write};

use graven::{Blobs, Budget, Collection, Error, open};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, Limited, image, memory_of};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;
use graven_tests::space::account;
use proptest::prelude::*;

type Memory = Limited<Bytes>;

#[derive(Debug, Clone)]
enum Op {
    Put(u8, usize),
    Append(u8, usize),
    Write(u8, u64, usize),
    Truncate(u8, u64),
    Remove(u8),
    Read(u8, u64, usize),
    Reopen,
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let len = || prop_oneof![4 => 0..3_000usize, 2 => 3_900..4_200usize, 1 => 0..60_000usize];
    let at = || prop_oneof![3 => 0..9_000u64, 1 => 0..80_000u64];
    let key = || 0..3u8;
    prop_oneof![
        2 => (key(), len()).prop_map(|(key, len)| Op::Put(key, len)),
        6 => (key(), len()).prop_map(|(key, len)| Op::Append(key, len)),
        4 => (key(), at(), len()).prop_map(|(key, at, len)| Op::Write(key, at, len)),
        3 => (key(), at()).prop_map(|(key, at)| Op::Truncate(key, at)),
        1 => key().prop_map(Op::Remove),
        4 => (key(), at(), len()).prop_map(|(key, at, len)| Op::Read(key, at, len)),
        1 => Just(Op::Reopen),
        1 => Just(Op::Clear),
    ]
}

struct Model<K> {
    memory: Memory,
    blobs: Blobs<K, Memory>,
    model: Std<K, Vec<u8>>,
    rng: Rng,
    starved: bool,
}

impl<K: SampleKey> Model<K> {
    fn new(starved: bool) -> Self {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        let blobs = open("blobs", memory.clone()).unwrap();
        Model { memory, blobs, model: Std::new(), rng: Rng::new(1), starved }
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let salt = self.rng.any() as usize;
        (0..len).map(|i| (i.wrapping_mul(31) ^ (i >> 8) ^ salt) as u8).collect()
    }

    fn step(&mut self, op: &Op) -> Result<(), Error> {
        let key = |n: u8| K::sample(n.into());
        match *op {
            Op::Put(n, len) => {
                let bytes = self.bytes(len);
                self.blobs.try_put(&key(n), &bytes)?;
                self.model.insert(key(n), bytes);
            }
            Op::Append(n, len) => {
                let bytes = self.bytes(len);
                self.blobs.try_append(&key(n), &bytes)?;
                self.model.entry(key(n)).or_default().extend(bytes);
            }
            Op::Write(n, at, len) => {
                let bytes = self.bytes(len);
                self.blobs.try_write(&key(n), at, &bytes)?;
                let blob = self.model.entry(key(n)).or_default();
                let at = at as usize;
                blob.resize(blob.len().max(at + len), 0);
                blob[at..at + len].copy_from_slice(&bytes);
            }
            Op::Truncate(n, len) => {
                while !self.blobs.truncate_within(&key(n), len, &mut Budget::pages(1))?.is_done() {}
                self.model.entry(key(n)).and_modify(|blob| blob.truncate(len as usize));
            }
            Op::Remove(n) => {
                assert_eq!(self.blobs.try_remove(&key(n))?, self.model.remove(&key(n)).is_some());
            }
            Op::Read(n, at, len) => {
                let expected = self.model.get(&key(n)).map(|blob| {
                    let from = blob.len().min(at as usize);
                    blob[from..blob.len().min(from + len)].to_vec()
                });
                assert_eq!(self.blobs.try_read(&key(n), at, len)?, expected);
            }
            Op::Reopen => self.blobs = open("blobs", self.memory.clone())?,
            Op::Clear => {
                self.blobs.clear();
                self.model.clear();
            }
        }
        Ok(())
    }

    fn run(&mut self, ops: &[Op]) {
        for op in ops {
            if self.starved && !matches!(op, Op::Truncate(..)) && self.rng.once_in(4) {
                self.memory.allow(0);
            }
            match self.step(op) {
                Ok(()) => {}
                Err(Error::OutOfMemory { .. }) if self.starved => {}
                Err(error) => panic!("{op:?}: {error}"),
            }
            self.memory.set_limit(u64::MAX);
        }
        self.check();
    }

    fn check(&self) {
        self.blobs.verify().unwrap();
        assert!(self.blobs.keys().eq(self.model.keys().cloned()));
        for (key, blob) in &self.model {
            assert_eq!(self.blobs.len(key), Some(blob.len() as u64));
            assert!(self.blobs.get(key).as_ref() == Some(blob), "{key:?}");
        }
        account(self.blobs.root().pager(), &[self.blobs.stats()]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_operations(ops in prop::collection::vec(op(), 0..60)) {
        Model::<u64>::new(false).run(&ops);
        Model::<String>::new(true).run(&ops);
        Model::<(String, u32)>::new(true).run(&ops);
    }
}

#[test]
fn many_small_appends_fill_pages() {
    let mut blobs: Blobs<u32> = open("blobs", Bytes::default()).unwrap();
    let mut expected = Vec::new();
    for n in 0..40_000u32 {
        blobs.append(&1, &n.to_le_bytes()[..1 + n as usize % 4]);
        expected.extend_from_slice(&n.to_le_bytes()[..1 + n as usize % 4]);
    }
    assert!(blobs.get(&1).unwrap() == expected);
    let pages = u64::from(blobs.stats().pages) * 4096;
    assert!(pages < expected.len() as u64 * 11 / 10 + 20_000, "{pages} for {}", expected.len());
}

#[test]
fn a_large_file_is_read_and_changed_in_parts() {
    let mut blobs: Blobs<String> = open("blobs", Bytes::default()).unwrap();
    let name = "film".to_owned();
    let content: Vec<u8> = (0..20u32 << 20).map(|i| (i >> 3) as u8 ^ i as u8).collect();
    let mut file = blobs.file(&name);
    for piece in content.chunks(3_000_000) {
        file.write_all(piece).unwrap();
    }
    assert_eq!(file.seek(SeekFrom::End(-5)).unwrap(), content.len() as u64 - 5);
    assert_eq!(file.seek(SeekFrom::Current(-1 << 20)).unwrap(), content.len() as u64 - 5 - (1 << 20));
    file.write_all(&[9; 7]).unwrap();
    file.seek(SeekFrom::Current(-10)).unwrap();
    let mut around = [0; 13];
    file.read_exact(&mut around).unwrap();
    assert_eq!(&around[3..10], [9; 7]);
    assert!(file.seek(SeekFrom::Current(-1 << 40)).is_err());
    file.set_len(1_000_000).unwrap();
    file.set_len(1_000_100).unwrap();
    file.rewind().unwrap();
    let mut all = Vec::new();
    file.read_to_end(&mut all).unwrap();
    assert!(all[..1_000_000] == content[..1_000_000] && all[1_000_000..] == [0; 100]);
    assert!(blobs.stats().pages < 300, "{:?}", blobs.stats());
    blobs.verify().unwrap();
}

#[test]
fn keys_are_limited() {
    let mut blobs: Blobs<Vec<u8>> = open("blobs", Bytes::default()).unwrap();
    let refused = blobs.try_append(&vec![1; 985], b"x");
    assert!(matches!(refused, Err(Error::KeyTooLong { max: 992, .. })), "{refused:?}");
}

/// The chunks of a blob stand in two leaves. What the first one holds is taken for what the branch
/// above says; so a chunk that is said to begin after the offset was found before it, and
/// where the bytes are in it was below 0.
#[test]
fn a_chunk_that_begins_behind_what_is_read_overflowed() {
    const CHUNK: u64 = 1_048_552;
    let bytes = Bytes::default();
    let mut blobs: Blobs<String> = open("blobs", bytes.clone()).unwrap();
    // Of many lengths, so that leaves are split at any place.
    let keys = || (0..12usize).map(|n| format!("{n:x}").repeat(300 + n * 149 % 600));
    keys().for_each(|key| blobs.put(&key, &vec![7; CHUNK as usize + 10]));
    let sound = image(&bytes);
    let leaves: Vec<usize> = (0..sound.len()).step_by(PAGE_SIZE).filter(|page| sound[*page] == 2).collect();
    let name = |key: &str, start: u64| [key.as_bytes(), &[0; 2], &start.to_be_bytes()].concat();
    let mut told = 0;
    for key in keys() {
        let mut image = sound.clone();
        for (start, bad) in [(0, 1 << 30), (CHUNK, CHUNK + 100)] {
            let (sound, bad) = (name(&key, start), name(&key, bad));
            for page in &leaves {
                let page = &mut image[*page..][..PAGE_SIZE];
                while let Some(at) = page.windows(bad.len()).position(|window| window == sound) {
                    page[at..at + bad.len()].copy_from_slice(&bad);
                }
            }
        }
        let blobs: Blobs<String, Bytes> = open("blobs", memory_of(&image)).unwrap();
        let read = blobs.try_read_into(&key, CHUNK + 10, &mut [0; 10]);
        told += u32::from(matches!(read, Err(Error::Damaged { .. })));
    }
    assert!(told > 0, "no blob has its chunks in two leaves");
}
