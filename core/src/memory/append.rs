//! Reads from a memory to the end of a vector. They do not zero its capacity first. For values of
//! many megabytes, that would cost as much as reading. This is the only `unsafe` code of the
//! library.

#![allow(unsafe_code)]

use ic_stable_structures::Memory;

/// Appends `len` bytes of the memory, from `address` on, to `out`.
///
/// # Panics
/// Panics if the memory has no such bytes, as [`Memory::read`] does, or if the heap is exhausted.
pub(crate) fn append(memory: &impl Memory, address: u64, len: usize, out: &mut Vec<u8>) {
    out.reserve(len);
    let end = out.len();
    let room = out.spare_capacity_mut().as_mut_ptr().cast::<u8>();
    // SAFETY: `room` points to the vector's capacity after its last byte, of which at least `len`
    // bytes were reserved. Nothing else refers to it while `out` is borrowed. `read_unsafe` writes
    // there and does not read it.
    unsafe { memory.read_unsafe(address, room, len) };
    // SAFETY: `end + len` is within the capacity, which was reserved. The bytes up to `end` were
    // initialized before. `read_unsafe` initialized those after it: it initializes all bytes that
    // it is asked for or does not return.
    unsafe { out.set_len(end + len) };
}

#[cfg(test)]
mod tests {
    use ic_stable_structures::VectorMemory;

    use super::*;

    #[test]
    fn bytes_are_appended_after_others() {
        let memory = VectorMemory::default();
        memory.grow(1);
        memory.write(100, &[1, 2, 3, 4]);
        let mut out = vec![9];
        append(&memory, 101, 2, &mut out);
        append(&memory, 100, 0, &mut out);
        append(&memory, 102, 2, &mut out);
        assert_eq!(out, [9, 2, 3, 3, 4]);
    }

    #[test]
    #[should_panic = "read: out of bounds"]
    fn bytes_that_are_not_there_are_not_read() {
        let memory = VectorMemory::default();
        memory.grow(1);
        append(&memory, 65_000, 1_000, &mut Vec::new());
    }
}
