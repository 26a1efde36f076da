//! Stores: named roots in one memory. A store opens only after all stored roots were compared with
//! what the code declares. It knows only the roots of collections, which are implemented elsewhere.

mod apply;
mod catalog;
mod changed_roots;
mod collection;
mod compare;
mod inspect;
mod kind;
mod last_array;
#[doc(hidden)]
pub mod links;
mod names;
mod obsolete;
mod open;
#[doc(hidden)]
pub mod parts;
mod registry;
mod root;
mod root_page;
mod row_key;
mod salvage;
mod schema;
pub mod section;
mod single;
mod skipped;
mod stats;
mod stored;
mod sweep;
mod sweep_status;
mod verify_position;
mod way_back;

pub use collection::{Collection, RootSpec, sealed};
pub use inspect::{
    Doubt, InspectedLayout, InspectedRoot, Verdict, check_image, check_specs, inspect, inspect_pages,
};
pub use kind::CollectionKind;
pub use last_array::{LAST_AT, LastArray};
pub use obsolete::{obsolete, unused_versions};
pub use open::{Options, Store};
pub use root::{OnPage, Root, ValueLayout};
pub use root_page::{EXTRA_ROOM, LayoutUsage, MAX_ROWS, RootHeader, RootState};
pub use salvage::SalvagedRoots;
pub use schema::{Schema, sweep_one};
pub use skipped::Skipped;
pub use stats::{LayoutStats, RootStats};
pub use stored::{OpenedRoot, OpenedRoots};
pub use sweep::{Budget, OldLayout, Progress};
pub use sweep_status::{SweepState, SweepStatus};
pub use verify_position::{VerifyCounts, VerifyPosition};
pub use way_back::{WayBack, way_back};
