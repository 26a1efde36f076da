//! Fingerprints in candid (feature `candid`): a text of 32 hexadecimal digits.

use candid::CandidType;
use candid::types::{Serializer, Type, TypeInner};
use serde::de::{Deserialize, Deserializer, Error};

use super::Fingerprint;

impl CandidType for Fingerprint {
    fn _ty() -> Type {
        TypeInner::Text.into()
    }

    fn idl_serialize<S: Serializer>(&self, serializer: S) -> Result<(), S::Error> {
        serializer.serialize_text(&format!("{self:#}"))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_whole = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u128::from_str_radix(&text, 16).ok().filter(|_| is_whole);
        let number = number.ok_or_else(|| D::Error::custom("a fingerprint has 32 hexadecimal digits"))?;
        Ok(Fingerprint(number.to_be_bytes()))
    }
}
