//! Removes a row to which others refer: the rows that go with it are known, and their entries
//! computed, before the first is removed.

use std::collections::BTreeSet;
use std::rc::Rc;

use graven_core::error::{Broken, Violation};
use graven_core::key::KeyBuf;
use graven_core::page::PageNumber;
use graven_core::store::Budget;
use graven_core::{Error, Result};

use crate::table::entries::Entry;
use crate::table::links::Linked;

/// The number of rows that go in one step, at most.
pub(super) const MOST: usize = 1000;

/// A row of any table.
type AnyRow = (Rc<dyn Linked>, KeyBuf);

/// The rows that go with a row.
enum Plan {
    /// All of them with their entries, each before those that refer to it.
    Whole(Vec<(AnyRow, Vec<Entry>)>),
    /// Some of more than [`MOST`].
    Part(Vec<AnyRow>),
}

/// Removes a row, and the rows that go with it. `entries` are those of the row itself.
///
/// # Errors
/// [`Error::Violation`] if a row refers to one of these and stays, or for more than [`MOST`] rows.
/// Nothing is removed then.
pub(super) fn remove(table: Rc<dyn Linked>, key: &KeyBuf, entries: Vec<Entry>) -> Result<()> {
    match plan(Rc::clone(&table), key, Some(entries))? {
        Plan::Whole(rows) => remove_all(&rows),
        Plan::Part(_) => Err(violation(&*table, Broken::Cascade { most: MOST }, key)),
    }
}

/// Removes the rows that go with a row in steps of at most [`MOST`], while the budget lasts, and at
/// last the row itself. Returns `true` if it is gone.
pub(super) fn remove_within(table: &Rc<dyn Linked>, key: &KeyBuf, budget: &mut Budget<'_>) -> Result<bool> {
    while table.has_row(key)? {
        if budget.is_spent() {
            return Ok(false);
        }
        let found = match plan(Rc::clone(table), key, None)? {
            Plan::Whole(rows) => {
                budget.charge_read();
                budget.charge_write();
                return remove_all(&rows).map(|()| true);
            }
            Plan::Part(found) => found,
        };
        let mut is_smaller = false;
        // The last ones have the fewest rows that refer to them.
        for (table, key) in found.into_iter().skip(1).rev() {
            if budget.is_spent() {
                return Ok(false);
            }
            budget.charge_read();
            // One that was removed before may have taken this one with it.
            if table.has_row(&key)?
                && let Plan::Whole(rows) = plan(table, &key, None)?
            {
                budget.charge_write();
                remove_all(&rows)?;
                is_smaller = true;
            }
        }
        if !is_smaller {
            return Err(violation(&**table, Broken::Cascade { most: MOST }, key));
        }
    }
    Ok(true)
}

/// Returns the rows that go with a row, the row first.
fn plan(table: Rc<dyn Linked>, key: &KeyBuf, entries: Option<Vec<Entry>>) -> Result<Plan> {
    let mut known = BTreeSet::from([(table.page(), key.as_slice().to_vec())]);
    let mut rows: Vec<AnyRow> = vec![(table, key.clone())];
    let mut staying = Staying::new();
    let mut next = 0_usize;
    while let Some((table, key)) = rows.get(next).cloned() {
        next = next.saturating_add(1);
        for referrer in table.referrers() {
            let Some(by) = referrer.table() else { continue };
            let (name, cascades) = by.reference(referrer.at);
            // One more than may go, so that one of them stays in any case.
            for row in by.referring(referrer.at, &key, MOST.saturating_add(1))? {
                if !cascades {
                    staying.push((Rc::clone(&table), Rc::clone(&by), name, row));
                } else if known.insert((by.page(), row.as_slice().to_vec())) {
                    rows.push((Rc::clone(&by), row));
                }
            }
        }
        if rows.len() > MOST {
            return Ok(Plan::Part(rows));
        }
        // More than can go with it, so that one of them stays, whichever are found later.
        if staying.len() > MOST.saturating_mul(8) {
            check_staying(&staying, &known)?;
        }
    }
    check_staying(&staying, &known)?;
    with_entries(rows, entries)
}

/// Rows that refer to rows which would go, and that do not go with them: the table of the row that
/// would go, their own, the name of the reference and their key.
type Staying = Vec<(Rc<dyn Linked>, Rc<dyn Linked>, &'static str, KeyBuf)>;

/// Returns the violation by a row that stays, unless all of them go for another reason.
fn check_staying(staying: &Staying, known: &BTreeSet<(PageNumber, Vec<u8>)>) -> Result<()> {
    for (table, by, name, row) in staying {
        if !known.contains(&(by.page(), row.as_slice().to_vec())) {
            let rule = Broken::Referred { by: by.name().to_owned(), name: (*name).to_owned() };
            return Err(violation(&**table, rule, row));
        }
    }
    Ok(())
}

/// Adds its entries to each row. This runs the user's code.
fn with_entries(rows: Vec<AnyRow>, first: Option<Vec<Entry>>) -> Result<Plan> {
    let mut first = first;
    let with = |(table, key): AnyRow| {
        let entries = first.take().map_or_else(|| table.entries_at(&key), Ok)?;
        Ok(((table, key), entries))
    };
    rows.into_iter().map(with).collect::<Result<_>>().map(Plan::Whole)
}

/// Removes rows, those that refer to others first.
fn remove_all(rows: &[(AnyRow, Vec<Entry>)]) -> Result<()> {
    rows.iter().rev().try_for_each(|((table, key), entries)| table.remove_row(key, entries))
}

/// Returns the violation for a table that rows refer to and that would be cleared.
pub(super) fn check_clear(table: &dyn Linked) -> Result<()> {
    for referrer in table.referrers() {
        let Some(by) = referrer.table().filter(|by| by.page() != table.page()) else { continue };
        if let Some(row) = by.any_referring(referrer.at)? {
            let (name, _) = by.reference(referrer.at);
            let rule = Broken::Referred { by: by.name().to_owned(), name: name.to_owned() };
            return Err(violation(table, rule, &row));
        }
    }
    Ok(())
}

#[cold]
fn violation(table: &dyn Linked, rule: Broken, row: &KeyBuf) -> Error {
    let (table, row) = (table.name().to_owned(), row.as_slice().to_vec());
    Error::Violation(Box::new(Violation { table, rule, row }))
}
