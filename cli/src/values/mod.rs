//! Values as candid text. As JSON, and from what people type, they are in `graven-look`.

mod candid;

pub(crate) use candid::{named, to_candid};
pub(crate) use graven_look::{Json, from_json, hex, parse};
