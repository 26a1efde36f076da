//! The services of the browser that the reader uses.

use graven_look::Slices;

/// A browser with the file that the page has opened, if it has.
pub trait Browser: Slices {
    /// Sends a body to an address and waits for the response. Returns `None` if there is none: the
    /// network is out of reach, or does not let pages ask it.
    fn post(&self, url: &str, body: &[u8]) -> Option<Response>;

    /// Returns the time in nanoseconds since 1970.
    fn now(&self) -> u64;
}

/// The response of a server.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status of HTTP.
    pub status: u16,
    /// The body. `None` if it is longer than [`MAX_RESPONSE_LEN`].
    pub body: Option<Vec<u8>>,
}

/// The most bytes of a response. The network's replies have 3 MiB at most.
pub const MAX_RESPONSE_LEN: usize = 4 << 20;
