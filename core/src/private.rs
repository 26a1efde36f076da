//! The items that generated code names, so that macros depend on one path only. They are not for
//! programs, and change without notice.

pub use std::string::ToString;
pub use std::vec::{self, Vec};

pub use crate::error::Result;
pub use crate::evolution::VersionName;
pub use crate::page::{Pager, Usage};
pub use crate::store::{
    Budget, Collection, Options, Progress, RootStats, Schema, Store, SweepState, SweepStatus, VerifyPosition,
};
pub use crate::{Error, ask, evolution, explore, key, layout, lock, store};
