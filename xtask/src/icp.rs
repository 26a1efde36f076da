//! The platform's own command line: `icp` and `ic-wasm`, which build the examples as a user does.
//!
//! npm installs the official binaries below the target folder, in the versions and with the
//! checksums of `xtask/npm/package-lock.json`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::wasm::Wasm;
use crate::workspace::Workspace;
use crate::{canisters, environment, npm, process, say};

/// An example's canister, and the variables with which its `icp.yaml` builds it.
struct Example {
    folder: &'static str,
    canister: &'static str,
    package: &'static str,
    variables: &'static [(&'static str, &'static str)],
}

const EXAMPLES: &[Example] = &[
    Example { folder: "forum", canister: "forum", package: "forum", variables: &[] },
    gazetteer("gazetteer-v1", &[("GAZETTEER", "v1")]),
    gazetteer("gazetteer-v2", &[("GAZETTEER", "v2")]),
    gazetteer("gazetteer-v3", &[("GAZETTEER", "v3")]),
    gazetteer("gazetteer-v4", &[("GAZETTEER", "v4")]),
    Example { folder: "sudograph", canister: "sudograph", package: "sudograph", variables: &[] },
];

const fn gazetteer(package: &'static str, variables: &'static [(&'static str, &'static str)]) -> Example {
    Example { folder: "gazetteer", canister: "gazetteer", package, variables }
}

/// The npm packages, without their scope, and the program in each.
const PACKAGES: [&str; 2] = ["icp-cli-linux-x64", "ic-wasm-linux-x64"];

/// The installed tools.
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Returns the installed tools and installs them first if they are missing or outdated. The
    /// error says why that is impossible on this machine.
    pub fn install(workspace: &Workspace) -> Result<Self> {
        ensure!(
            (env::consts::OS, env::consts::ARCH) == ("linux", "x86_64"),
            "the binaries that npm has are for Linux on x86-64"
        );
        let tools = Self { folder: workspace.target("icp") };
        npm::install(&workspace.root().join("xtask/npm"), &tools.folder, "`icp` and `ic-wasm`")?;
        Ok(tools)
    }

    /// Returns the versions of the tools, for the log.
    #[must_use]
    pub fn versions(&self) -> String {
        let version = |tool: &str| process::output(self.command(tool).arg("--version")).unwrap_or_default();
        [version("icp"), version("ic-wasm")].map(|version| version.trim().to_owned()).join(", ")
    }

    /// Returns a command that finds the tools, sends no telemetry, and has a home below the target
    /// folder.
    fn command(&self, program: &str) -> Command {
        let mut command = environment::command(program);
        // Cargo and rustup look for their own folders in the home folder unless they are told.
        command.env("CARGO_HOME", environment::home_of("CARGO_HOME", ".cargo"));
        command.env("RUSTUP_HOME", environment::home_of("RUSTUP_HOME", ".rustup"));
        command.env("HOME", self.folder.join("home")).env("DO_NOT_TRACK", "1").env("PATH", self.path(None));
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
            command.env_remove(name);
        }
        command
    }

    /// Returns a `PATH` that begins with the folders of the tools and of the given cargo.
    fn path(&self, cargo: Option<&Path>) -> OsString {
        let scope = self.folder.join("node_modules/@icp-sdk");
        let own = PACKAGES.map(|package| scope.join(package).join("bin"));
        let cargo = cargo.and_then(Path::parent).map(Path::to_path_buf);
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = own.into_iter().chain(cargo).chain(env::split_paths(&path));
        // Only a folder with a separator in its name cannot be joined.
        env::join_paths(folders).unwrap_or(path)
    }

    /// Builds all examples with `icp build` and replaces the canisters of the folder by what it
    /// makes.
    pub fn build_examples(&self, workspace: &Workspace, wasm: &Wasm, folder: &Path) -> Result<()> {
        fs::create_dir_all(self.folder.join("home"))?;
        fs::create_dir_all(folder)?;
        for example in EXAMPLES {
            let project = workspace.root().join("examples").join(example.folder);
            let run = |words: &[&str]| {
                let mut icp = self.command("icp");
                wasm.lend_to(&mut icp);
                icp.env("PATH", self.path(wasm.toolchain().own_cargo()));
                icp.args(words).current_dir(&project).envs(example.variables.iter().copied());
                process::captured(&mut icp).with_context(|| format!("in examples/{}", example.folder))
            };
            run(&["project", "show"])?;
            run(&["build", example.canister])?;
            let made = project.join(".icp/cache/artifacts").join(example.canister);
            let size = canisters::place(&made, &folder.join(format!("{}.wasm", example.package)))?;
            say::note(&format!("{}.wasm  {} kB, made by icp", example.package, size.div_ceil(1000)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_example_with_a_project_file_is_built() {
        let workspace = Workspace::find().unwrap();
        let examples = fs::read_dir(workspace.root().join("examples")).unwrap().flatten();
        let projects = examples.filter(|entry| entry.path().join("icp.yaml").is_file());
        let projects: BTreeSet<_> = projects.map(|entry| entry.file_name().into_string().unwrap()).collect();
        let built: BTreeSet<_> = EXAMPLES.iter().map(|example| example.folder.to_owned()).collect();
        assert_eq!(built, projects);
    }

    #[test]
    fn every_example_replaces_a_canister_of_the_workspace() {
        let names = canisters::names(&Workspace::find().unwrap());
        for example in EXAMPLES {
            assert!(names.iter().any(|name| name == example.package), "{}", example.package);
        }
    }

    #[test]
    fn the_lock_file_pins_what_is_looked_for() {
        let workspace = Workspace::find().unwrap();
        let lock = fs::read_to_string(workspace.root().join("xtask/npm/package-lock.json")).unwrap();
        for package in PACKAGES {
            assert!(lock.contains(&format!("\"node_modules/@icp-sdk/{package}\"")), "{package}");
        }
        assert_eq!(lock.matches("\"integrity\": \"sha512-").count(), PACKAGES.len());
    }
}
