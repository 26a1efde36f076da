//! `cargo graven lock` adds what is new to the lock, and never changes what is there.

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
    let (code, mut lock) = (wasm::read(&wasm)?.declared, read(&path)?);
    let outcome = Outcome::new(Subject::Locking, &path);
    match lock::update(&mut lock, &code.roots, &code.dropped) {
        Err(problems) => Ok(Outcome { problems, ..outcome }),
        Ok(added) => {
            if !added.is_empty() || !path.exists() {
                write(&path, &lock)?;
            }
            let versions = added.entries.iter().map(|entry| format!("{} v{}", entry.name, entry.version));
            let names = added.retired.iter().map(|retired| retired.to_string().trim_end().to_owned());
            Ok(Outcome { added: versions.chain(names).collect(), ..outcome })
        }
    }
}

/// Reads the lock, or returns an empty one if there is no file.
pub(crate) fn read(path: &Path) -> Result<Lock, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Lock::parse(&text).map_err(|error| Failure::Lock(path.to_owned(), error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lock::default()),
        Err(error) => Err(Failure::Read(path.to_owned(), error)),
    }
}

/// Writes the lock in two steps, so that nobody ever reads half of it.
fn write(path: &Path, lock: &Lock) -> Result<(), Failure> {
    let partial = path.with_extension("lock.partial");
    let written = fs::write(&partial, lock.to_string()).and_then(|()| fs::rename(&partial, path));
    written.map_err(|error| Failure::Write(path.to_owned(), error))
}
