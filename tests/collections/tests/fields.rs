//! Fields that are read and written without their records.

use graven::StableLayout;
use graven::layout::encode;
use graven::layout::field::Field;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Address {
    street: String,
    zip: u16,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct User {
    name: String,
    #[layout(since = 2, default = 7)]
    karma: u64,
    r#type: u8,
    address: Address,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Pair<T, const N: usize>(T, [u8; N]);

const ZIP: Field<User, u16> = User::ADDRESS.then(Address::ZIP);

#[test]
fn paths_are_constants_that_compose() {
    let user = User {
        name: "Ada".into(),
        karma: 9,
        r#type: 3,
        address: Address { street: "Hill".into(), zip: 8001 },
    };
    let bytes = encode(&user);
    assert_eq!(ZIP.read(bytes.as_slice()), Ok(8001));
    assert_eq!(User::TYPE.read(bytes.as_slice()), Ok(3));
    assert_eq!(User::KARMA.read(bytes.as_slice()), Ok(9));
    assert_eq!(User::NAME.read(bytes.as_slice()), Ok("Ada".into()));
    assert_eq!(User::ADDRESS.read(bytes.as_slice()), Ok(user.address));
    assert_eq!(ZIP.to_string(), "address.zip");
    let pair = encode(&Pair("x".to_owned(), [1, 2]));
    assert_eq!(Pair::<String, 2>::F1.read(pair.as_slice()), Ok([1, 2]));
    assert_eq!(Pair::<String, 2>::F0.read(pair.as_slice()), Ok("x".into()));
}
