use graven::{Field, StableLayout};

#[derive(StableLayout)]
#[layout(version = 1)]
struct Inner<T> {
    next: T,
}

type Two<T> = Inner<Inner<T>>;
type Four<T> = Two<Two<T>>;
type Eight = Four<Four<u8>>;

const FOUR: Field<Four<Four<u8>>, Four<u8>> = Eight::NEXT
    .then(Inner::<Two<Four<u8>>>::NEXT)
    .then(Two::<Four<u8>>::NEXT)
    .then(Inner::<Four<u8>>::NEXT);

const NINE: Field<Inner<Eight>, u8> = Inner::<Eight>::NEXT
    .then(FOUR)
    .then(Four::<u8>::NEXT)
    .then(Inner::<Two<u8>>::NEXT)
    .then(Two::<u8>::NEXT)
    .then(Inner::<u8>::NEXT);

fn main() {
    let _ = NINE;
}
