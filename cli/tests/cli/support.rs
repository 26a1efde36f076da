//! A folder of files, and the binary.

use std::path::{Path, PathBuf};
use std::process::Command;

use graven::schema::RootSpec;
use graven_core::store::section;
use graven_node::leb128;
use tempfile::TempDir;

/// A package of nobody, with files in it.
pub struct Folder(TempDir);

/// The output of the command.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Folder {
    pub fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("Cargo.toml", b"[package]\nname = \"forum\"\nversion = \"1.0.0\"\n");
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn wasm(&self, name: &str, roots: &[RootSpec]) -> PathBuf {
        self.write(name, &module(section::NAME, &section::to_vec(roots, &[])))
    }

    /// Calls the command in this folder.
    pub fn run(&self, words: &[&str]) -> Said {
        let command = Path::new(env!("CARGO_BIN_EXE_cargo-graven"));
        let mut command = Command::new(command);
        let output = command.arg("graven").args(words).current_dir(self.0.path()).output().unwrap();
        let said = Said {
            code: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!said.err.contains("panicked"), "{words:?}: {said:?}");
        said
    }
}

/// Returns a module of one custom section.
pub fn module(name: &str, data: &[u8]) -> Vec<u8> {
    let mut content = leb128(name.len() as u64);
    content.extend(name.as_bytes());
    content.extend(data);
    [b"\0asm\x01\0\0\0\0".to_vec(), leb128(content.len() as u64), content].concat()
}
