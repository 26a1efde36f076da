use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 2)]
struct Old<T> {
    value: T,
}

#[derive(StableLayout)]
#[layout(version = 2, previous = Old<T>)]
struct New<T> {
    value: T,
}

impl<T> From<Old<T>> for New<T> {
    fn from(old: Old<T>) -> New<T> {
        New { value: old.value }
    }
}

const HISTORY: &graven::schema::History = <New<u8>>::HISTORY;

fn main() {}
