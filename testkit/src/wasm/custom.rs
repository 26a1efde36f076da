//! Reads a custom section.

use wasmparser::{Parser, Payload};

/// Returns the contents of the custom section `name` of a module, for example `icp:public
/// candid:service` or the section in which a canister publishes its layouts. Returns `None` if the
/// module has no such section, or is no module.
///
/// ```
/// let wasm = wat::parse_str(r#"(module (@custom "icp:public note" "hello"))"#).unwrap();
/// assert_eq!(graven_testkit::custom_section(&wasm, "icp:public note").as_deref(), Some(&b"hello"[..]));
/// assert_eq!(graven_testkit::custom_section(&wasm, "other"), None);
/// ```
pub fn custom_section(wasm: &[u8], name: &str) -> Option<Vec<u8>> {
    Parser::new(0).parse_all(wasm).map_while(Result::ok).find_map(|payload| match payload {
        Payload::CustomSection(section) if section.name() == name => Some(section.data().to_vec()),
        _ => None,
    })
}
