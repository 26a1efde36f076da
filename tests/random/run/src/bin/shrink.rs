//! Makes a failing history smaller: leaves out changes and releases whose history is deleted while
//! it still fails, compiling each attempt, and reports what is left. `cargo run -p
//! graven-random-tests --bin shrink -- SEED`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use graven_random_model::{Genome, shard_source};
use graven_random_tests::shrink::shorten;

fn main() -> io::Result<()> {
    let seed = env::args().nth(1).and_then(|seed| seed.parse().ok());
    let Some(seed) = seed else {
        eprintln!("usage: shrink SEED (the number of the history that goes wrong)");
        std::process::exit(2);
    };
    let attempt = Attempt::new()?;
    let whole = Genome::random(seed);
    let Some(why) = attempt.fails(&whole) else {
        println!("history {seed} goes right");
        return Ok(());
    };
    let (forgets, why) = shorten(whole.forgets.clone(), why, |forgets| {
        attempt.fails(&Genome { forgets: forgets.to_vec(), ..whole.clone() })
    });
    let whole = Genome { forgets, ..whole };
    let (genes, why) = shorten(whole.genes.clone(), why, |genes| {
        attempt.fails(&Genome { genes: genes.to_vec(), ..whole.clone() })
    });
    println!("{} of {} changes matter\n\n{why}", genes.len(), whole.genes.len());
    Ok(())
}

/// A crate for one history at a time.
struct Attempt {
    folder: PathBuf,
}

impl Attempt {
    fn new() -> io::Result<Attempt> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(3).expect("the package is in the workspace");
        let folder = root.join("target/shrink");
        fs::create_dir_all(folder.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"attempt\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             graven = {{ path = {root:?} }}\n\
             graven-random-model = {{ path = {model:?} }}\n\
             graven-random-tests = {{ path = {here:?} }}\n",
            model = here.with_file_name("model")
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Attempt { folder })
    }

    /// Compiles and runs a history: what it says if it goes wrong.
    fn fails(&self, genome: &Genome) -> Option<String> {
        eprintln!("{} changes in {} releases …", genome.genes.len(), genome.releases);
        let source = format!(
            "#![allow(dead_code, unused)]\nuse graven_random_model::{{Gene, Genome}};\n\
             use graven_random_tests::code::{{Included, IndexCode, Values, key, layout}};\n\
             use graven_random_tests::prelude::{{self, Blob, Text}};\n\
             use graven_random_tests::{{Release, check, encoded, values}};\n{}\n\
             fn main() {{\n    let genome = {};\n    println!(\"{{:?}}\", check(&[genome], HISTORIES));\n}}\n",
            // The modules of histories look for the prelude two levels up.
            shard_source(std::slice::from_ref(genome)),
            literal(genome)
        );
        fs::write(self.folder.join("src/main.rs"), source.replace("super::super::prelude", "crate::prelude"))
            .expect("the attempt can be written");
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["run", "--quiet"]).current_dir(&self.folder).env("RUST_BACKTRACE", "0");
        let output = command.output().expect("cargo can be started");
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Returns a genome in Rust.
fn literal(genome: &Genome) -> String {
    let Genome { seed, types, releases, genes, forgets } = genome;
    format!(
        "Genome {{ seed: {seed}, types: {types}, releases: {releases}, genes: vec!{genes:?}, forgets: vec!{forgets:?} }}"
    )
}
