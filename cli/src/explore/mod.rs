//! `cargo graven explore` looks into a live canister that was built with
//! `graven::canister!(…, explorer)`.
//!
//! ```text
//! mod.rs      what is asked for, and how it is printed
//! records     rows of tables, and entries of other roots
//! download    the memory as a file
//! text, json  the answers in two forms
//! ```

mod download;
mod json;
mod records;
mod text;

use std::process::ExitCode;

use graven_look::canister::Parts;

use crate::arguments::{Control, Explore, Question};
use crate::failure::Failure;
use crate::output;

/// Asks the canister and prints its answer.
pub(crate) fn run(arguments: &Explore) -> Result<ExitCode, Failure> {
    let explorer = arguments.connection.explorer(&arguments.canister)?;
    let mut is_whole = true;
    let text = match &arguments.look {
        None | Some(Question::Stats) => answer(arguments, &explorer.stats()?, json::stats, text::stats),
        Some(Question::Schema) => {
            answer(arguments, explorer.schema()?.as_slice(), json::schema, text::schema)
        }
        Some(Question::Records(records)) => {
            let found = records::find(&arguments.canister, explorer, records)?;
            answer(arguments, &found, json::records, text::records)
        }
        Some(Question::Verify) => {
            let step = explorer.verify()?;
            is_whole = step.damage.is_empty();
            answer(arguments, &step, json::verify, text::verify)
        }
        Some(Question::Sweep { control }) => {
            let status = match control {
                None => explorer.stats()?.sweep.ok_or_else(no_sweep)?,
                Some(Control::Start) => explorer.start_sweep()?,
                Some(Control::Hold) => explorer.hold_sweep()?,
            };
            answer(arguments, &status, json::sweep, |status| format!("{status}\n"))
        }
        Some(Question::Download { file }) => {
            let bytes = download::to_file(&Parts::new(explorer), file)?;
            answer(
                arguments,
                &bytes,
                |bytes| serde_json::json!({ "bytes": bytes }),
                |bytes| format!("{}: {bytes} bytes\n", file.display()),
            )
        }
    };
    output::print(&text).map_err(Failure::Print)?;
    Ok(ExitCode::from(u8::from(!is_whole)))
}

/// Returns an answer in the form that was asked for.
fn answer<T: ?Sized>(
    arguments: &Explore,
    found: &T,
    json: impl Fn(&T) -> serde_json::Value,
    text: impl Fn(&T) -> String,
) -> String {
    if arguments.json { format!("{:#}\n", json(found)) } else { text(found) }
}

fn no_sweep() -> Failure {
    Failure::Canister("the canister has no `sweep` option".to_owned())
}
