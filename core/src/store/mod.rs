//! A store: named roots in one memory, opened only after everything stored was compared with what
//! the code declares. The collections behind the roots are implemented elsewhere; a root is all
//! that the store knows of them.

mod apply;
mod catalog;
mod changed_roots;
mod collection;
mod compare;
mod inspect;
mod kind;
mod obsolete;
mod open;
mod registry;
mod root;
mod root_page;
mod schema;
pub mod section;
mod single;
mod stats;
mod sweep;

pub use collection::{Collection, RootSpec, sealed};
pub use inspect::{Doubt, InspectedLayout, InspectedRoot, Verdict, check_image, check_specs, inspect};
pub use kind::CollectionKind;
pub use obsolete::{obsolete, unused_versions};
pub use open::{Options, Store};
pub use root::{INTERNAL, Root, ValueLayout};
pub use root_page::{EXTRA_ROOM, MAX_ROWS, RootHeader, RootState, Row};
pub use schema::{Schema, sweep_one};
pub use stats::{LayoutStats, RootStats};
pub use sweep::{Budget, OldLayout, Progress};
