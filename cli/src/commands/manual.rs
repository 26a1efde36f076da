//! Completions for shells, and the manual page.

use std::io::stdout;
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::screen;

/// Print completions for a shell.
///
/// `cargo graven completions bash > /etc/bash_completion.d/cargo-graven`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page.
///
/// `cargo graven man | man -l -`
#[derive(Debug, Args)]
pub(crate) struct Man {}

impl Completions {
    #[expect(clippy::unnecessary_wraps, reason = "a command")]
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        // Shells complete the program that cargo calls.
        clap_complete::generate(self.shell, &mut Arguments::command(), "cargo-graven", &mut stdout());
        Ok(ExitCode::SUCCESS)
    }
}

impl Man {
    #[expect(clippy::unused_self, reason = "a command")]
    pub(crate) fn run(&self) -> Result<ExitCode, Failure> {
        let mut page = Vec::new();
        let command = Arguments::command().name("cargo-graven");
        clap_mangen::Man::new(command).render(&mut page).map_err(Failure::Print)?;
        screen::print(&String::from_utf8_lossy(&page))?;
        Ok(ExitCode::SUCCESS)
    }
}
