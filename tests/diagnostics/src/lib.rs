//! Has no code: a package of its own, so that what the derives refuse is tested without compiling
//! more than they need.
