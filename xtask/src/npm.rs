//! Programs that npm brings: below the target folder, in the versions and with the checksums of a
//! lock file of this repository. Nothing is installed for the whole machine, and the home folder
//! stays as it is.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{environment, process, say};

/// The limit for npm: a server out of reach must not stop the work for longer.
const LIMIT: Duration = Duration::from_secs(180);

/// Installs the packages of the lock file in `source` into `folder`, unless they are there. `what`
/// names them. The error says why that is impossible on this machine.
pub fn install(source: &Path, folder: &Path, what: &str) -> Result<()> {
    if is_current(source, folder) {
        return Ok(());
    }
    let version = process::output(environment::command("npm").arg("--version"));
    version.with_context(|| format!("there is no npm, which brings {what}"))?;
    fs::create_dir_all(folder)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), folder.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    let mut npm = environment::command("npm");
    npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    npm.args(["--no-update-notifier", "--fetch-retries=1", "--logs-max=0", "--cache"]);
    npm.arg(folder.join("cache"));
    say::note(&format!("running: {}", process::shown(&npm)));
    match process::status_within(&mut npm, LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(_) => bail!("npm cannot install {what}"),
        None => bail!("npm did not finish within {} s", LIMIT.as_secs()),
    }
}

/// Returns `true` when npm has finished with the same lock file before.
fn is_current(source: &Path, folder: &Path) -> bool {
    let lock = |folder: &Path| fs::read(folder.join("package-lock.json")).ok();
    let finished = folder.join("node_modules/.package-lock.json").is_file();
    finished && lock(folder) == lock(source)
}
