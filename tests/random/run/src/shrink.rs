//! Fewer operations that still fail.

/// Leaves out as many operations as it can, in ever smaller pieces, while `fails` says that the
/// rest still fails.
pub fn shorten<T: Clone>(
    mut operations: Vec<T>,
    mut why: String,
    fails: impl Fn(&[T]) -> Option<String>,
) -> (Vec<T>, String) {
    let mut piece = operations.len().div_ceil(2);
    while piece > 0 {
        let mut at = 0;
        while at < operations.len() {
            let mut fewer = operations.clone();
            fewer.drain(at..(at + piece).min(operations.len()));
            match fails(&fewer) {
                Some(reason) => (operations, why) = (fewer, reason),
                None => at += piece,
            }
        }
        piece /= 2;
    }
    (operations, why)
}
