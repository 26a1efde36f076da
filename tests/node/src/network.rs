//! A network whose root subnet is the only one.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::explored::{FORGED_KEY, KEY, PUBLIC};
use crate::subnet::Subnet;

/// The keys of a network, and keys that are not its own.
pub struct Network {
    real: Subnet,
    forged: Subnet,
    is_forged: AtomicBool,
}

impl Network {
    /// Returns a network that signs with its own keys.
    pub fn new() -> Network {
        let (real, forged) = (Subnet::new(1, KEY, &PUBLIC), Subnet::new(2, FORGED_KEY, &PUBLIC));
        Network { real, forged, is_forged: AtomicBool::new(false) }
    }

    /// Lets the network sign with other keys from now on.
    pub fn forge(&self) {
        self.is_forged.store(true, Ordering::Relaxed);
    }

    /// Returns the subnet of which clients know the key.
    pub(crate) fn root(&self) -> &Subnet {
        &self.real
    }

    /// Returns the subnet that signs.
    pub(crate) fn signer(&self) -> &Subnet {
        if self.is_forged.load(Ordering::Relaxed) { &self.forged } else { &self.real }
    }
}

impl Default for Network {
    fn default() -> Self {
        Network::new()
    }
}
