//! Rows of a table, which the canister selects, and entries of other roots, which are read from its
//! memory.

use graven_core::ask::{Answer, Request};
use graven_look::canister::{Explorer, Transport};

use crate::arguments::Records;
use crate::commands::{self, rows};
use crate::failure::Failure;
use crate::input::Input;

/// The kind of roots whose rows a canister selects, as it names them.
const TABLE: &str = "Table";

/// Returns the rows or entries that were asked for.
pub(super) fn find<T: Transport + 'static>(
    canister: &str,
    explorer: Explorer<T>,
    records: &Records,
) -> Result<Answer, Failure> {
    let schema = explorer.schema()?;
    if schema.iter().any(|root| root.name == records.root && root.kind != TABLE) {
        return entries(Input::live(canister, explorer)?, records);
    }
    Ok(explorer.records(Request {
        table: records.root.clone(),
        order: records.order.clone(),
        descending: records.descending,
        limit: records.limit,
        fields: (!records.field.is_empty()).then(|| records.field.clone()),
        ..Request::default()
    })?)
}

/// Returns the first entries of a root.
fn entries(input: Input, records: &Records) -> Result<Answer, Failure> {
    if records.order.is_some() || records.descending {
        return Err(Failure::Usage("only the rows of a table have other orders than that of their keys"));
    }
    let store = commands::store_of(&input)?;
    let root = commands::find(&input, &store, &records.root)?;
    records.field.iter().try_for_each(|name| rows::layout_of(root, name).map(drop))?;
    let (mut answer, mut entries) = (Answer::default(), root.entries());
    while answer.read < u64::from(records.limit) {
        let Some(entry) = input.said(entries.try_next())? else { return Ok(answer) };
        let parts = input.said(root.decode(&entry))?;
        let named = |name: &String| Some((name.clone(), rows::find(&parts, name)?.clone()));
        answer.rows.push(match records.field.as_slice() {
            [] => parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            fields => fields.iter().filter_map(named).collect(),
        });
        answer.read += 1;
    }
    if let Some(next) = input.said(entries.try_next())? {
        answer.next = Some(next.key);
    }
    Ok(answer)
}
