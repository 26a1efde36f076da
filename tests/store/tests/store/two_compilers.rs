//! A program made by two compilers writes equal bytes: no layout is left to a compiler.

use std::path::PathBuf;
use std::process::Command;

/// Cargo's and rustup's variables would make the other cargo use this compiler.
fn is_inherited(name: &str) -> bool {
    let prefixes = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "RUSTUP_", "RUSTC", "DYLD_", "LD_LIBRARY"];
    name == "CARGO" || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

#[test]
fn both_write_the_same_bytes() {
    let (Some(rustc), Some(cargo)) =
        (std::env::var_os("GRAVEN_SECOND_RUSTC"), std::env::var_os("GRAVEN_SECOND_CARGO"))
    else {
        // Said aloud by `cargo xtask test`, which looks for one and tries to install one.
        eprintln!("skipped: there is no second compiler on this machine");
        return;
    };
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut build = Command::new(cargo);
    std::env::vars_os().filter(|(name, _)| is_inherited(&name.to_string_lossy())).for_each(|(name, _)| {
        build.env_remove(name);
    });
    build.current_dir(&root).env("RUSTC", rustc).env("CARGO_TARGET_DIR", root.join("target/second"));
    build.args(["run", "--quiet", "--package", "graven-tests", "--bin", "write-image"]);
    let output = build.output().expect("the second cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let ours = graven_tests::image::bytes();
    let differs = ours.iter().zip(&output.stdout).position(|(a, b)| a != b);
    assert_eq!(ours.len(), output.stdout.len());
    assert_eq!(differs, None, "byte {differs:x?} differs");
}
