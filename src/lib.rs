//! Graven keeps the data of an Internet Computer canister in stable memory, in typed collections
//! that outlive the code that wrote them. An upgrade moves nothing: it checks that the new code
//! understands what is stored, or is refused. Old records are read through their history and
//! brought to the current layout as they are written.
//!
//! # A canister
//!
//! ```
//! use candid::Principal;
//! use graven::{BTreeMap, Log, StableLayout};
//!
//! #[derive(StableLayout)]
//! #[layout(version = 1)]
//! struct User {
//!     name: String,
//!     karma: u64,
//! }
//!
//! #[graven::store]
//! struct Forum {
//!     users: BTreeMap<Principal, User>,
//!     names: Log<String>,
//! }
//!
//! graven::canister!(Forum); // opens in `init` and `post_upgrade`, or refuses the upgrade
//!
//! #[ic_cdk::update]
//! fn register(name: String) {
//!     let caller = ic_cdk::api::msg_caller();
//!     Forum::with_mut(|forum| {
//!         forum.names.append(name.clone());
//!         forum.users.insert(caller, User { name, karma: 0 });
//!     });
//! }
//!
//! #[ic_cdk::query]
//! fn karma(of: Principal) -> Option<u64> {
//!     Forum::with(|forum| forum.users.get_field(&of, User::KARMA)) // reads 8 bytes
//! }
//! ```
//!
//! The pieces are [`StableLayout`] (the bytes of a type), [`StableKey`] (the bytes of a key),
//! [`macro@store`] (the collections that belong together) and [`canister!`]. Native programs and
//! tests open a store with [`Schema::open_with`], or a single collection with [`open()`].
//!
//! # Which collection
//!
//! | to keep | use |
//! | --- | --- |
//! | one value | [`Cell`] |
//! | values by key, in order, with ranges and paging | [`BTreeMap`] |
//! | values by key, without an order | [`HashMap`] |
//! | keys only | [`BTreeSet`], [`HashSet`] |
//! | values by key, and the *n*-th entry or the rank of a key | [`RankedMap`] |
//! | values by index | [`StableVec`] |
//! | values that come and go at both ends | [`Deque`] |
//! | values that are only appended, and keep their numbers | [`Log`] |
//! | the greatest or least element | [`PriorityQueue`] |
//! | values by ids that the collection assigns | [`Slab`] |
//! | files, read and written in parts | [`Blobs`] |
//! | a map, set, vector or deque for each key | [`Nested`] |
//! | a record for each key, and one of these beside it | [`Records`] |
//! | rows by key and by other fields, unique values, numbers as keys | [`Table`](struct@Table) |
//!
//! Methods have the names of std's. They return copies, because values are decoded. Lengths and
//! indices are `u64`. `docs/collections.md` in the repository says what each operation costs.
//!
//! # Transactions
//!
//! `Forum::transaction(|forum| …)` undoes everything that a closure wrote if it returns an error.
//! [`Schema::transact`] is the same for a store that is a value.
//!
//! # Errors
//!
//! Methods come in two forms. `insert` panics if memory is exhausted or damaged: in a canister, the
//! message traps and the replica undoes all of it. `try_insert` returns an [`Error`], and the
//! collection is as it was before the call. An update that returns `Err` keeps what it wrote
//! *before* the failed call, so prefer the short form after the first write.
//!
//! Opening checks everything before it writes. If the code does not fit what is stored,
//! [`Error::Refused`] reports all problems at once, each with a fix.
//!
//! # Budgets
//!
//! One message may execute 40 billion instructions. Methods that visit many entries take a
//! [`Budget`], stop when it is spent, and return their progress (see [`progress`]). The next call
//! continues. [`Budget::instructions`] counts instructions, [`Budget::pages`] counts pages. Lists
//! for clients are read with a [`Cursor`], one [`Page`] at a time.
//!
//! # Evolution
//!
//! A stored layout never changes. A changed type gets a new version:
//!
//! ```
//! # use graven::StableLayout;
//! #[derive(StableLayout)]
//! #[layout(version = 2)]
//! struct User {
//!     name: String,
//!     karma: u64,
//!     #[layout(since = 2, default = 3)]
//!     invitations: u32,
//! }
//! ```
//!
//! Records of version 1 are read with three invitations. `removed`, `renamed` and `was` describe
//! other changes of fields and variants; `previous = UserV1` and `impl From<UserV1> for User`
//! describe any change. Collections are renamed and dropped by attributes of [`macro@store`]. Keys
//! do not change in place. `docs/evolution.md` in the repository has all of it, and
//! `cargo graven check` compares two releases before a deploy.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `candid` | layouts and keys for `candid::Nat` and `candid::Int` |
//! | `serde` | `serde::Serialize` for all collections, and for [`Text`], [`Blob`] and [`Reverse`] |
//!
//! None is on by default.
//!
//! # Where to read on
//!
//! The repository contains `docs/collections.md` (costs, errors, limits), `docs/evolution.md`
//! (every change and every refusal), `docs/tables.md` (rows with indexes), `docs/fields.md` (single
//! fields and views), `docs/canister.md` (hooks, timers, tools and metrics), `docs/testing.md`
//! (migrations tested natively, with `graven-testkit`), `docs/lock.md` (`cargo graven` and
//! `graven.lock`), `docs/format.md` (every byte), and `DESIGN.md` (why it is so). `examples/forum`
//! is a canister that uses every collection but `Table`; `examples/sudograph` serves GraphQL from
//! tables.

pub use graven_collections::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap, Records,
    Slab, StableVec, Table,
};
// Arguments and results of collections.
pub use graven_collections::{Cursor, Direction, Map, OrderedMap, Page, View};
pub use graven_core::layout::field::Field;
// Types to derive, and types of fields and keys.
pub use graven_core::key::{Reverse, StableKey, TotalF32, TotalF64};
pub use graven_core::layout::{Blob, StableLayout, Text};
pub use graven_derive::{StableKey, StableLayout, Table};
// Stores.
pub use graven_collections::open;
pub use graven_core::page::{PageNumber, Usage};
pub use graven_core::store::{
    Budget, Collection, Options, Progress, RootStats, Schema, Skipped, Store, SweepState, SweepStatus,
};
pub use graven_core::{CursorFault, Damage, DefaultMemoryImpl, Error, Foreign, Memory, Result};
pub use graven_core::{ask, explore};
pub use graven_derive::store;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod canister;
pub mod entry;
pub mod error;
pub mod iter;
pub mod key;
pub mod memory;
pub mod nested;
pub mod progress;
pub mod schema;
pub mod table;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
