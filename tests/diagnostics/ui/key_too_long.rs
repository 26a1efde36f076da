use graven::BTreeMap;

fn main() {
    graven::open::<BTreeMap<[u128; 63], u8>>("large", graven::DefaultMemoryImpl::default()).unwrap();
}
