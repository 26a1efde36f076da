//! The command as it is called, on files as they are found.

mod bad_files;
mod compile;
mod explore;
mod golden;
mod image;
mod images;
mod lock;
mod rehearse;
mod roundtrip;
mod schemas;
mod support;
mod upgrade;
