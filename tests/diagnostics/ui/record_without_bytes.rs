use graven::{DefaultMemoryImpl, Records, StableVec, open};

fn main() {
    let mut units: Records<u64, (), StableVec<u64>> = open("units", DefaultMemoryImpl::default()).unwrap();
    units.insert(7, ());
}
