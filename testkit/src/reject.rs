//! The reason of a failed message, in the replica's terms.

use std::fmt;

/// The kind of failure, named as the replica names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The replica would not install this module.
    CanisterInvalidWasm,
    /// The canister has no code.
    CanisterWasmModuleNotFound,
    /// The module has no such method.
    CanisterMethodNotFound,
    /// The canister trapped: an arithmetic or bounds error, `unreachable`, a stack overflow.
    CanisterTrapped,
    /// The canister called `ic0.trap`, as Rust panics do.
    CanisterCalledTrap,
    /// The canister used the System API in a way it must not.
    CanisterContractViolation,
    /// The message ended without a reply, and nothing is outstanding that could still reply.
    CanisterDidNotReply,
    /// The canister rejected the call with `ic0.msg_reject`.
    CanisterRejectedMessage,
    /// The message ran into its instruction limit.
    CanisterInstructionLimitExceeded,
    /// The message wrote or read more stable pages than one message may.
    CanisterMemoryAccessLimitExceeded,
    /// There is no canister to call but this one.
    DestinationInvalid,
    /// `canister_inspect_message` did not accept the message.
    CanisterRefusedMessage,
    /// The argument or the reply does not have the requested candid types.
    CandidMismatch,
}

impl ErrorCode {
    /// Returns the reject code that a caller of the canister would see.
    pub fn reject_code(self) -> u32 {
        match self {
            Self::DestinationInvalid | Self::CanisterMethodNotFound => 3,
            Self::CanisterRejectedMessage | Self::CanisterRefusedMessage => 4,
            _ => 5,
        }
    }
}

/// A failed message: the code, and the replica's text without the canister's name before it and the
/// advice after it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Reject {
    /// The kind of failure.
    pub code: ErrorCode,
    /// The text, for example ``Canister called `ic0.trap` with message: 'no such user'``.
    pub message: String,
    /// The functions that were running, innermost first, if the module names any.
    pub backtrace: Vec<String>,
}

impl Reject {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), backtrace: Vec::new() }
    }

    pub(crate) fn trapped(what: &str) -> Self {
        Self::new(ErrorCode::CanisterTrapped, format!("Canister trapped: {what}"))
    }

    pub(crate) fn contract(what: impl fmt::Display) -> Self {
        Self::new(ErrorCode::CanisterContractViolation, format!("Canister violated contract: {what}"))
    }

    pub(crate) fn invalid_wasm(what: impl fmt::Display) -> Self {
        let message = format!("Canister's Wasm module is not valid: {what}");
        Self::new(ErrorCode::CanisterInvalidWasm, message)
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.code, self.message)?;
        self.backtrace.iter().try_for_each(|frame| write!(f, "\n    in {frame}"))
    }
}
