//! The test of the page in Chromium, which npm brings together with what drives it.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::build;
use crate::steps::End;
use crate::wasm::Wasm;
use crate::workspace::Workspace;
use crate::{environment, npm, process, say};

/// The package that makes the images for the test, and its program.
const IMAGES: &str = "explorer-images";

/// The package that serves the canisters for the test, and its program.
const NODE: (&str, &str) = ("graven-node", "explorer-node");

/// The scripts of the test. The first one imports the others.
const SCRIPTS: [&str; 3] = ["explorer.mjs", "browser.mjs", "canister.mjs"];

/// Makes the page and images of a store, and opens them and live canisters in a browser.
/// `canisters` is the folder with the wasms. The step is skipped where the browser cannot be
/// installed.
pub fn test(workspace: &Workspace, wasm: &Wasm, canisters: &Path) -> Result<End> {
    let page = build(workspace, wasm)?;
    let source = workspace.root().join("examples/explorer/test");
    let folder = workspace.target("browser");
    if (env::consts::OS, env::consts::ARCH) != ("linux", "x86_64") {
        return Ok(End::Skipped("the Chromium that npm has is for Linux on x86-64".to_owned()));
    }
    if let Err(error) = npm::install(&source, &folder, "Chromium") {
        return Ok(End::Skipped(format!("{error:#}")));
    }
    let images = workspace.target("explorer/images");
    // One command, so that both share the wasm runtime.
    let mut cargo = environment::cargo();
    cargo.current_dir(workspace.root()).args(["build", "--quiet", "--package", IMAGES, "--package", NODE.0]);
    process::run(&mut cargo)?;
    let program = |name: &str| workspace.target("debug").join(name);
    process::run(environment::command(program(IMAGES)).arg(canisters).arg(&images))?;
    // Node looks for packages beside the scripts.
    for name in SCRIPTS {
        fs::copy(source.join(name), folder.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    // The package unpacks Chromium into the folder for temporary files, once. npm empties this one.
    let unpacked = folder.join("node_modules/.unpacked");
    fs::create_dir_all(&unpacked)?;
    let mut node = environment::command("node");
    // With this word, it unpacks the libraries of Chromium as well, which few machines have.
    node.env("TMPDIR", &unpacked).env("AWS_EXECUTION_ENV", "AWS_Lambda_nodejs20.x");
    node.arg(folder.join(SCRIPTS[0])).arg(page).arg(images);
    node.arg(workspace.target("explorer/explorer.png"));
    node.arg(program(NODE.1)).arg(canisters);
    say::note(&format!("running: {}", process::shown(&node)));
    process::run(&mut node)?;
    Ok(End::Passed)
}
