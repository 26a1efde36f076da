//! Stores: opening, refusing, migrating, and what goes wrong on the way.

mod changed_roots;
mod damage_found;
mod downgrades;
mod foreign;
mod limits;
mod messages;
mod migrations;
mod opened_twice;
mod panics;
mod rebuild;
mod refused_damage;
mod roots;
mod space;
mod sweep;
mod taken_back;
