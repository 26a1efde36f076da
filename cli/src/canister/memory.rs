//! The memory of a live canister as commands read that of an image.

use graven_look::Image;
use graven_look::canister::{Explorer, LiveSlices, Parts, SLICE, Transport};

use crate::failure::Failure;

/// The number of slices that are kept: 64 MiB.
const KEPT: usize = 1_024;

/// Opens the memory of a canister, whose first slice it reads.
pub(crate) fn open<T: Transport>(explorer: Explorer<T>) -> Result<Image<LiveSlices<T>>, Failure> {
    let slices = LiveSlices::open(Parts::new(explorer))?;
    let len = slices.memory_bytes();
    Image::new(slices, len, SLICE, KEPT).map_err(|error| Failure::Canister(error.to_string()))
}

/// Returns the reason of the first failure to read.
pub(crate) fn failure<T: Transport>(memory: &Image<LiveSlices<T>>) -> Option<Failure> {
    // What an image says of a canister's failure is that there was one.
    let other = memory.error().map(|error| Failure::Canister(error.to_string()));
    memory.slices().failure().map(Failure::from).or(other)
}
