//! A store may have methods of its own under the names of generated ones.
#![deny(warnings)]

#[graven::store]
#[store(without(stats, sweep))]
struct Forum {
    users: graven::BTreeMap<u64, u64>,
}

impl Forum {
    fn stats(&self) -> u64 {
        self.users.len()
    }

    fn sweep(&self) {}
}

fn main() {
    let forum = Forum::open(graven::DefaultMemoryImpl::default()).unwrap();
    forum.sweep();
    assert_eq!((forum.stats(), graven::Schema::stats(&forum).len()), (0, 1));
}
