//! The canisters that tests explore, and the keys of their controllers.

use std::fs;
use std::path::Path;

use candid::Principal;
use graven_testkit::Canister;

/// The id of all of them.
pub const ID: &str = "rrkah-fqaaa-aaaaa-aaaaq-cai";

/// The key of a controller, made for these tests: Ed25519 in PKCS #8.
pub const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIDiHqMXDZR4XAFaOgIFtEMKQUel6xa+w4KNIN9D7i/W3
-----END PRIVATE KEY-----
";

/// The public half of [`KEY`] in DER. The node of the network has the same key.
pub(crate) const PUBLIC: [u8; 44] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, 0x2d, 0xb3, 0x0a, 0x82, 0x68,
    0xf9, 0x96, 0xeb, 0x89, 0x3b, 0xc3, 0xa5, 0xf7, 0xf5, 0x24, 0x42, 0xbf, 0xe5, 0x67, 0xf0, 0x78, 0x42,
    0x80, 0x17, 0xde, 0x15, 0xfe, 0xa6, 0xff, 0x0a, 0xad, 0x17,
];

/// A key that no node of the network has.
pub(crate) const FORGED_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIDiHqMXDZR4XAFaOgIFtEMKQUel6xa+w4KNIN9D7i/W4
-----END PRIVATE KEY-----
";

/// The key of another controller: secp256k1 as `dfx` and `icp` write it.
pub const OTHER_KEY: &str = "-----BEGIN EC PRIVATE KEY-----
MHQCAQEEIBkL6jYKXrjBNgVqsoD28beXpuNc9xCZwlyem6gapecdoAcGBSuBBAAK
oUQDQgAECd3Ir6Ye/tZLCH9LX4aJcOOaorOOMb9tMv6KWyqX/RHUP2RkO5GhQ7FC
+rGGS3iBTz/acGGwHJHda4FqsItMGg==
-----END EC PRIVATE KEY-----
";

/// The public half of [`OTHER_KEY`] in DER.
const OTHER_PUBLIC: [u8; 88] = [
    0x30, 0x56, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
    0x04, 0x00, 0x0a, 0x03, 0x42, 0x00, 0x04, 0x09, 0xdd, 0xc8, 0xaf, 0xa6, 0x1e, 0xfe, 0xd6, 0x4b, 0x08,
    0x7f, 0x4b, 0x5f, 0x86, 0x89, 0x70, 0xe3, 0x9a, 0xa2, 0xb3, 0x8e, 0x31, 0xbf, 0x6d, 0x32, 0xfe, 0x8a,
    0x5b, 0x2a, 0x97, 0xfd, 0x11, 0xd4, 0x3f, 0x64, 0x64, 0x3b, 0x91, 0xa1, 0x43, 0xb1, 0x42, 0xfa, 0xb1,
    0x86, 0x4b, 0x78, 0x81, 0x4f, 0x3f, 0xda, 0x70, 0x61, 0xb0, 0x1c, 0x91, 0xdd, 0x6b, 0x81, 0x6a, 0xb0,
    0x8b, 0x4c, 0x1a,
];

/// Returns a canister without an explorer. `wasms` is the folder of all canisters.
pub fn unexplored(wasms: &Path) -> Canister {
    installed(wasms, "sessions")
}

/// Returns a canister that everybody may explore, with so many users and notes.
pub fn open(wasms: &Path, count: u64) -> Canister {
    let mut canister = installed(wasms, "explored-v1");
    canister.update::<_, ()>("fill", (count,)).result.expect("the canister takes them");
    canister
}

/// Returns the next version of such a canister, which controllers may explore.
pub fn controlled(wasms: &Path, count: u64) -> Canister {
    let mut canister = installed(wasms, "explored-v2");
    canister.set_stable_image(&open(wasms, count).stable_image());
    canister.upgrade(&wasm(wasms, "explored-v2"), ()).result.expect("the versions are compatible");
    canister
}

/// Lets a canister made by [`controlled`] write something.
pub fn write(canister: &mut Canister) {
    let written = canister.update::<_, (Result<u64, String>,)>("write", (1_u64, "somebody"));
    written.result.expect("it can be called").0.expect("it has room");
}

fn installed(wasms: &Path, name: &str) -> Canister {
    let controllers = [Principal::self_authenticating(PUBLIC), Principal::self_authenticating(OTHER_PUBLIC)];
    Canister::builder()
        .id(Principal::from_text(ID).expect("it is an id"))
        .controllers(controllers)
        .install(&wasm(wasms, name), ())
        .unwrap_or_else(|reject| panic!("{name}: {reject}"))
}

fn wasm(wasms: &Path, name: &str) -> Vec<u8> {
    let file = wasms.join(format!("{name}.wasm"));
    fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
