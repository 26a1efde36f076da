//! `cargo graven explore` looks into a live canister that was built with
//! `graven::canister!(…, explorer)`.
//!
//! ```text
//! mod.rs      what is asked for, and how it is printed
//! transport   the way to a canister; agent is the way over a network
//! calls       the canister's calls, with their types
//! download    the memory as a file
//! text, json  the answers in two forms
//! ```

mod agent;
mod calls;
mod download;
mod json;
mod text;
mod transport;

use std::process::ExitCode;

use candid::Principal;
use graven_core::ask::Request;

use crate::arguments::{Control, Explore, Question, Records};
use crate::failure::Failure;
use crate::output;
use agent::Network;
use calls::Explorer;

/// Asks the canister and prints its answer.
pub(crate) fn run(arguments: &Explore) -> Result<ExitCode, Failure> {
    let canister = Principal::from_text(&arguments.canister)
        .map_err(|error| Failure::Canister(format!("`{}` is no canister: {error}", arguments.canister)))?;
    let explorer = Explorer::new(Network::connect(canister, arguments)?);
    let mut is_whole = true;
    let text = match &arguments.look {
        None | Some(Question::Stats) => answer(arguments, &explorer.stats()?, json::stats, text::stats),
        Some(Question::Schema) => {
            answer(arguments, explorer.schema()?.as_slice(), json::schema, text::schema)
        }
        Some(Question::Records(records)) => {
            let found = explorer.records(request(records))?;
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
            let bytes = download::to_file(&explorer, file)?;
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

fn request(records: &Records) -> Request {
    Request {
        table: records.table.clone(),
        order: records.order.clone(),
        descending: records.descending,
        limit: records.limit,
        fields: (!records.field.is_empty()).then(|| records.field.clone()),
        ..Request::default()
    }
}

fn no_sweep() -> Failure {
    Failure::Canister("the canister has no `sweep` option".to_owned())
}
