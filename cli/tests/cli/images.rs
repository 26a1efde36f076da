//! Images to look into.

/// The folder of the golden images.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden");

/// Returns a golden image as a memory: tests/golden/README.md describes the text.
pub fn golden(name: &str) -> Vec<u8> {
    let text = std::fs::read_to_string(format!("{FOLDER}/{name}.image")).unwrap();
    let mut lines = text.lines();
    let pages: usize = lines.next().unwrap().strip_prefix("pages ").unwrap().parse().unwrap();
    let mut memory = vec![0; (pages * 4096).next_multiple_of(65_536)];
    for line in lines {
        let (address, row) = line.split_once(' ').unwrap();
        let (page, offset) = address.split_once(':').unwrap();
        let at = page.parse::<usize>().unwrap() * 4096 + usize::from_str_radix(offset, 16).unwrap();
        for (at, byte) in (at..).zip(row.split_whitespace()) {
            memory[at] = u8::from_str_radix(byte, 16).unwrap();
        }
    }
    memory
}

/// Returns the listing of a golden image.
pub fn listing(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}.json")).unwrap()
}
