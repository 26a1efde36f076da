//! The way to a canister.

use super::CanisterError;

/// A way to call the query methods of one canister.
pub trait Transport {
    /// Calls a query method. Returns the reply in candid.
    ///
    /// # Errors
    /// The reason why the canister did not reply.
    fn query(&self, method: &str, arg: Vec<u8>) -> Result<Vec<u8>, CanisterError>;
}

/// A way to call the update methods as well.
pub trait Updates: Transport {
    /// Calls an update method. Returns the reply in candid.
    ///
    /// # Errors
    /// The reason why the canister did not reply.
    fn update(&self, method: &str, arg: Vec<u8>) -> Result<Vec<u8>, CanisterError>;
}
