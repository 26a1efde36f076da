//! The sets of modes that functions of the System API are open to, after the interface
//! specification.

use crate::message::Mode;

const fn of(modes: &[Mode]) -> u16 {
    let mut set = 0;
    let mut i = 0;
    while i < modes.len() {
        set |= 1 << modes[i] as u16;
        i += 1;
    }
    set
}

use Mode::{
    Cleanup, CompositeQuery, Init, InspectMessage, PreUpgrade, Query, RejectCallback, ReplicatedQuery,
    ReplyCallback, Start, Task, Update,
};

/// Everywhere, the start function included.
pub(super) const ALL: u16 = u16::MAX;
/// Everywhere but in the start function.
pub(super) const NOT_START: u16 = ALL & !of(&[Start]);
/// Modes in which there is an argument or a reply to read.
pub(super) const ARGUMENT: u16 =
    of(&[Init, Update, ReplicatedQuery, Query, CompositeQuery, ReplyCallback, InspectMessage]);
/// Modes in which a call can be answered.
pub(super) const ANSWER: u16 =
    of(&[Update, ReplicatedQuery, Query, CompositeQuery, ReplyCallback, RejectCallback]);
pub(super) const CALLBACKS: u16 = of(&[ReplyCallback, RejectCallback]);
pub(super) const REJECTED: u16 = of(&[RejectCallback]);
/// Modes in which cycles can be accepted.
pub(super) const CYCLES: u16 = of(&[Update, ReplicatedQuery, ReplyCallback, RejectCallback]);
/// Modes in which calls can be made.
pub(super) const CALLS: u16 = of(&[Update, CompositeQuery, ReplyCallback, RejectCallback, Cleanup, Task]);
/// Modes in which changes of the canister's state last.
pub(super) const LASTING: u16 =
    of(&[Init, PreUpgrade, Update, ReplicatedQuery, ReplyCallback, RejectCallback, Cleanup, Task]);
pub(super) const CERTIFY: u16 = of(&[Init, PreUpgrade, Update, ReplyCallback, RejectCallback, Task]);
pub(super) const TIMER: u16 = CERTIFY | of(&[Cleanup]);
pub(super) const CERTIFICATE: u16 = of(&[Query, CompositeQuery]);
pub(super) const INSPECT: u16 = of(&[InspectMessage]);
