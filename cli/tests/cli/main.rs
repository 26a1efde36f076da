//! The command as it is called, on files as they are found.

mod bad_files;
mod compile;
mod culprits;
mod damage;
mod explore;
mod gazetteer;
mod golden;
mod image;
mod images;
mod inputs;
mod load;
mod lock;
mod look;
mod mutants;
mod node;
mod page;
mod reading;
mod readme;
mod rehearse;
mod roundtrip;
mod schemas;
mod support;
mod town;
mod upgrade;
mod wasm_mutants;
