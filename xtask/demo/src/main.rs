//! The program that `cargo xtask demo` starts.

use std::process::ExitCode;

use clap::Parser;
use xtask::workspace::Workspace;

/// Takes a gazetteer through four versions of its code.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: graven_demo::Options,
}

fn main() -> ExitCode {
    let options = Arguments::parse().options;
    match Workspace::find().and_then(|workspace| graven_demo::run(&workspace, &options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
