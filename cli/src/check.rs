//! `cargo graven check` compares code with older code, a memory, or the lock.

use std::path::{Path, PathBuf};

use graven_core::evolution::Problem;
use graven_core::store::section::Declared;
use graven_core::store::{Verdict, check_image, check_specs, inspect, unused_versions, way_back};

use crate::arguments::Check;
use crate::failure::Failure;
use crate::input::{Input, Within};
use crate::output::{Outcome, Root, Subject, Unused, Warning, WayBack};
use crate::{lock, wasm};

pub(crate) fn run(check: &Check) -> Result<Outcome, Failure> {
    let new = |given: Option<&PathBuf>| given.map_or_else(|| check.package.build(), |path| Ok(path.clone()));
    let mut outcome = match (&check.image, check.wasm.as_slice()) {
        (None, [old, new]) => upgrade(old, new),
        (None, given) => against_lock(check, &new(given.first())?),
        (Some(_), [_, _]) => {
            Err(Failure::Usage("--image takes the place of OLD.wasm: give the new wasm only"))
        }
        (Some(image), given) => against_image(image, &check.within, &new(given.first())?),
    }?;
    outcome.strict = check.strict;
    Ok(outcome)
}

/// Finds out whether `new` could open what `old` stored.
fn upgrade(old: &Path, new: &Path) -> Result<Outcome, Failure> {
    let (wasm::Module { declared: old_code, .. }, wasm::Module { declared: new_code, is_scalar }) =
        (wasm::read(old)?, wasm::read(new)?);
    let failed = |error| Failure::Code(new.to_owned(), error);
    let verdict = check_specs(&old_code.roots, &new_code).map_err(failed)?;
    let is_accepted = verdict.problems.is_empty();
    let way_back = is_accepted.then(|| way_back(&old_code, &new_code)).transpose().map_err(failed)?;
    let outcome = with_verdict(Outcome::new(Subject::Upgrade, new), verdict);
    Ok(Outcome { way_back: way_back.map(WayBack::of), is_scalar, ..outcome })
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
        taken_back: verdict.taken_back,
        ..outcome
    }
}

/// Finds out whether the code could open this memory.
fn against_image(image: &Path, within: &Within, new: &Path) -> Result<Outcome, Failure> {
    let wasm::Module { declared, is_scalar } = wasm::read(new)?;
    let memory = Input::open(image, within)?;
    memory.said(look(&memory, &declared, Outcome { is_scalar, ..Outcome::new(Subject::Image, new) }))
}

fn look(memory: &Input, declared: &Declared, outcome: Outcome) -> graven_core::Result<Outcome> {
    let roots = inspect(memory.clone())?;
    let verdict = check_image(memory.clone(), declared)?;
    let unused = unused_versions(&roots, declared).iter().map(Unused::of).collect();
    let roots = roots.iter().map(Root::of).collect();
    Ok(Outcome { roots, unused, ..with_verdict(outcome, verdict) })
}

/// Finds out whether the code agrees with its lock.
fn against_lock(check: &Check, new: &Path) -> Result<Outcome, Failure> {
    let path = check.package.lock()?;
    let (wasm::Module { declared: code, is_scalar }, lock) = (wasm::read(new)?, lock::read(&path)?);
    let problems: Vec<Problem> = graven_core::lock::compare(&lock, &code.roots, &code.dropped);
    Ok(Outcome { problems, is_scalar, ..Outcome::new(Subject::Lock, &path) })
}
