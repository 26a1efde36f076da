use graven::BTreeMap;

fn one_key(map: &BTreeMap<u64, String>) {
    map.range(7);
}

fn main() {}
