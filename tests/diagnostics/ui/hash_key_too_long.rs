fn main() {
    let _ = graven::open::<graven::HashMap<[u8; 993], u64>>("map", graven::DefaultMemoryImpl::default());
}
