use std::collections::{BTreeSet, HashMap, HashSet};

use graven::StableKey;

#[derive(StableKey)]
struct User {
    by_name: HashMap<String, u64>,
    by_id: std::collections::BTreeMap<u64, String>,
    ids: HashSet<u64>,
    names: BTreeSet<String>,
}

fn main() {}
