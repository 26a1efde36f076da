//! `cargo graven check`: code against older code, a memory, or the lock.

use std::path::{Path, PathBuf};

use graven_core::evolution::Problem;
use graven_core::store::section::Declared;
use graven_core::store::{Verdict, check_image, check_specs, inspect, unused_versions};

use crate::arguments::Check;
use crate::failure::Failure;
use crate::image::Image;
use crate::output::{Outcome, Root, Subject, Unused, Warning};
use crate::{lock, wasm};

pub(crate) fn run(check: &Check) -> Result<Outcome, Failure> {
    let new = |given: Option<&PathBuf>| given.map_or_else(|| check.package.build(), |path| Ok(path.clone()));
    let mut outcome = match (&check.image, check.wasm.as_slice()) {
        (None, [old, new]) => upgrade(old, new),
        (None, given) => against_lock(check, &new(given.first())?),
        (Some(_), [_, _]) => {
            Err(Failure::Usage("--image takes the place of OLD.wasm: give the new wasm only"))
        }
        (Some(image), given) => against_image(image, &new(given.first())?),
    }?;
    outcome.strict = check.strict;
    Ok(outcome)
}

/// Could `new` open what `old` stored?
fn upgrade(old: &Path, new: &Path) -> Result<Outcome, Failure> {
    let (old_roots, new_roots) = (wasm::declared(old)?, wasm::declared(new)?);
    let verdict = check_specs(&old_roots.roots, &new_roots);
    let verdict = verdict.map_err(|error| Failure::Code(new.to_owned(), error))?;
    Ok(with_verdict(Outcome::new(Subject::Upgrade, new), verdict))
}

fn with_verdict(outcome: Outcome, verdict: Verdict) -> Outcome {
    let warning = |doubt: graven_core::store::Doubt| {
        let version = match doubt.version {
            0 => format!("values from before `{}` had versions", doubt.name),
            version => format!("pages of `{}` version {version}", doubt.name),
        };
        let what = format!("refused at the upgrade if {version} are still there; check with --image");
        Warning { what, problem: doubt.problem }
    };
    Outcome {
        problems: verdict.problems,
        warnings: verdict.doubts.into_iter().map(warning).collect(),
        migrating: verdict.migrating,
        new: verdict.new,
        ..outcome
    }
}

/// Could the code open this very memory?
fn against_image(image: &Path, new: &Path) -> Result<Outcome, Failure> {
    let declared = wasm::declared(new)?;
    let memory = Image::open(image).map_err(Failure::read(image))?;
    let looked = look(&memory, &declared, Outcome::new(Subject::Image, new));
    match memory.error() {
        Some(error) => Err(Failure::Read(image.to_owned(), error)),
        None => looked.map_err(|error| Failure::Image(image.to_owned(), error)),
    }
}

fn look(memory: &Image, declared: &Declared, outcome: Outcome) -> graven_core::Result<Outcome> {
    let roots = inspect(memory.clone())?;
    let verdict = check_image(memory.clone(), declared)?;
    let unused = unused_versions(&roots, declared).iter().map(Unused::of).collect();
    let roots = roots.iter().map(Root::of).collect();
    Ok(Outcome { roots, unused, ..with_verdict(outcome, verdict) })
}

/// Does the code keep to its lock?
fn against_lock(check: &Check, new: &Path) -> Result<Outcome, Failure> {
    let path = check.package.lock()?;
    let (specs, lock) = (wasm::declared(new)?.roots, lock::read(&path)?);
    let problems: Vec<Problem> = graven_core::lock::compare(&lock, &specs);
    Ok(Outcome { problems, ..Outcome::new(Subject::Lock, &path) })
}
