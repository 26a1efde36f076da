//! Paths to fields, which locate the bytes of one field in a record so that it is read without the
//! others.
//!
//! ```text
//! Field    a path with its types: what the derive makes, and programs use    (this file)
//! Step     one name of the path: its offset in the current layout            (step)
//! read     along the path in a record of the current layout, or of an older  (read)
//! Source   where a record's bytes are: on the heap, in a page, in a chain    (source)
//! ```

mod borrows;
mod read;
mod source;
mod step;

use core::fmt;
use core::marker::PhantomData;

pub use borrows::Borrows;
pub use source::Source;
pub use step::{Step, always_there};

/// The largest number of names in a path.
pub const MAX_DEPTH: usize = 8;

/// The path to a field of type `T` in records of type `R`.
///
/// `#[derive(StableLayout)]` makes one for every field of a struct, as a constant of the type:
/// `User::BALANCE` for the field `balance`. A path consists of a few numbers, which the compiler
/// computes. Making and copying one reads nothing.
///
/// # Example: a field of a field
/// ```
/// use graven_core::layout::field::Field;
/// use graven_derive::StableLayout;
///
/// #[derive(StableLayout)]
/// #[layout(version = 1, crate = graven_core)]
/// struct Address {
///     street: String,
///     zip: u16,
/// }
///
/// #[derive(StableLayout)]
/// #[layout(version = 1, crate = graven_core)]
/// struct User {
///     name: String,
///     address: Address,
/// }
///
/// const ZIP: Field<User, u16> = User::ADDRESS.then(Address::ZIP);
/// let user = User { name: "Ada".into(), address: Address { street: "Hill".into(), zip: 8001 } };
/// let bytes = graven_core::layout::encode(&user);
/// assert_eq!(ZIP.read(bytes.as_slice()), Ok(8001));
/// assert_eq!(ZIP.to_string(), "address.zip");
/// ```
pub struct Field<R, T> {
    steps: [Option<&'static Step>; MAX_DEPTH],
    types: PhantomData<fn(R) -> T>,
}

impl<R, T> Field<R, T> {
    /// Returns the path of one step, which must be the step of a field of type `T` in `R`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(step: &'static Step) -> Self {
        let mut steps = [None; MAX_DEPTH];
        steps[0] = Some(step);
        Field { steps, types: PhantomData }
    }

    /// Returns the path to a field of this field.
    ///
    /// # Panics
    /// Panics if there are more than [`MAX_DEPTH`] names. In a constant, that is a compile error.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "constant evaluation has no iterators, and both numbers are below `MAX_DEPTH`"
    )]
    pub const fn then<U>(self, next: Field<T, U>) -> Field<R, U> {
        let (mut steps, mut at, mut i) = (self.steps, 0, 0);
        while at < MAX_DEPTH && steps[at].is_some() {
            at += 1;
        }
        while i < MAX_DEPTH && next.steps[i].is_some() {
            assert!(at < MAX_DEPTH, "a path to a field has at most 8 names");
            steps[at] = next.steps[i];
            (at, i) = (at + 1, i + 1);
        }
        Field { steps, types: PhantomData }
    }

    /// Returns the first name of the path: that of a field of `R`.
    #[doc(hidden)]
    #[must_use]
    pub const fn first_name(&self) -> &'static str {
        match self.steps[0] {
            Some(step) => step.name(),
            None => "",
        }
    }

    /// Returns the steps in order.
    #[inline(always)]
    fn steps(&self) -> Steps<'_> {
        Steps(self.steps.iter())
    }
}

/// An iterator over the steps of a path of any types.
#[derive(Clone)]
struct Steps<'a>(core::slice::Iter<'a, Option<&'static Step>>);

impl Iterator for Steps<'_> {
    type Item = &'static Step;

    #[inline(always)]
    fn next(&mut self) -> Option<&'static Step> {
        self.0.next().copied().flatten()
    }
}

impl<R, T> Field<R, Box<T>> {
    /// Returns the path to the value in the box, which has the same bytes.
    #[must_use]
    pub const fn unboxed(self) -> Field<R, T> {
        Field { steps: self.steps, types: PhantomData }
    }
}

impl<R, T> Clone for Field<R, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, T> Copy for Field<R, T> {}

/// Writes the names, separated by dots.
impl<R, T> fmt::Display for Field<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.steps().enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { "." }, step.name())?;
        }
        Ok(())
    }
}

impl<R, T> fmt::Debug for Field<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({self})")
    }
}
