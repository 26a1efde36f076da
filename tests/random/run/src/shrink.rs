//! Fewer operations that still fail.

/// Leaves out as many operations as it can, in ever smaller pieces, while `fails` says that the rest still fails.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_is_left_out() {
        let fails = |numbers: &[u32]| {
            (numbers.contains(&3) && numbers.contains(&41)).then(|| format!("{} numbers", numbers.len()))
        };
        let (left, why) = shorten((0..100).collect(), "100 numbers".into(), fails);
        assert_eq!((left.as_slice(), why.as_str()), ([3, 41].as_slice(), "2 numbers"));
    }
}
