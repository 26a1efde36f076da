use graven::{DefaultMemoryImpl, Records, Vec, open};

fn main() {
    let mut units: Records<u64, (), Vec<u64>> = open("units", DefaultMemoryImpl::default()).unwrap();
    units.insert(7, ());
}
