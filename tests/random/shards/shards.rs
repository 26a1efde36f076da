/// Histories of a shard.
const HISTORIES: usize = 500;

/// The largest constant size of values.
const MAX_SIZE: usize = 48;
