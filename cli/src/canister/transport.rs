//! The way to a canister.

/// A way to call the methods of one canister. Errors are a line of text.
pub(crate) trait Transport {
    /// Calls a query method. Returns the reply in candid.
    fn query(&self, method: &str, arg: Vec<u8>) -> Result<Vec<u8>, String>;

    /// Calls an update method. Returns the reply in candid.
    fn update(&self, method: &str, arg: Vec<u8>) -> Result<Vec<u8>, String>;
}
