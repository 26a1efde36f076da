//! Canisters under the metered runtime, through real upgrades.

mod aging;
mod collections;
mod exploring;
mod gazetteer;
mod histories;
mod migration;
mod sessions;
mod sudograph;
mod sweeping;
mod tables;
