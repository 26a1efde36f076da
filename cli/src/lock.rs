//! `cargo graven lock`: adds what is new, and refuses to change what is there.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use graven_core::lock::{self, Lock};

use crate::arguments;
use crate::failure::Failure;
use crate::output::{Outcome, Subject};
use crate::wasm;

pub(crate) fn run(arguments: &arguments::Lock) -> Result<Outcome, Failure> {
    let path = arguments.package.lock()?;
    let wasm = match &arguments.wasm {
        Some(wasm) => wasm.clone(),
        None => arguments.package.build()?,
    };
    let (specs, mut lock) = (wasm::declared(&wasm)?.roots, read(&path)?);
    let outcome = Outcome::new(Subject::Locking, &path);
    match lock::update(&mut lock, &specs) {
        Err(problems) => Ok(Outcome { problems, ..outcome }),
        Ok(added) => {
            if !added.is_empty() || !path.exists() {
                write(&path, &lock)?;
            }
            let added = added.iter().map(|entry| format!("{} v{}", entry.name, entry.version)).collect();
            Ok(Outcome { added, ..outcome })
        }
    }
}

/// The lock; an empty one where there is no file.
pub(crate) fn read(path: &Path) -> Result<Lock, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Lock::parse(&text).map_err(|error| Failure::Lock(path.to_owned(), error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lock::default()),
        Err(error) => Err(Failure::Read(path.to_owned(), error)),
    }
}

/// Writes in two steps, so that nobody ever reads half a lock.
fn write(path: &Path, lock: &Lock) -> Result<(), Failure> {
    let partial = path.with_extension("lock.partial");
    let written = fs::write(&partial, lock.to_string()).and_then(|()| fs::rename(&partial, path));
    written.map_err(|error| Failure::Write(path.to_owned(), error))
}
