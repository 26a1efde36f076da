//! A part of a list, and the cursor to continue with.

use async_graphql::{OutputType, Result, SimpleObject};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use graven::table::{AnyIndex, Query, Record};
use graven::{Cursor, DefaultMemoryImpl};

use crate::failure::{Code, failed, refused};
use crate::rows::{Post, Team, User};

/// Rows in one page, if the document does not say how many.
pub const USUAL_ROWS: u32 = 20;

/// Rows in one page at most.
pub const MAX_ROWS: u32 = 100;

/// Some rows in order.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "UserPage", params(User)),
    concrete(name = "TeamPage", params(Team)),
    concrete(name = "PostPage", params(Post))
)]
pub struct Rows<R: OutputType> {
    rows: Vec<R>,
    /// The value of `after` with which the next page begins, if there is one.
    next: Option<String>,
}

/// The order in which an index is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

/// Returns the rows of a question from a cursor on, or from the first one.
pub fn page<R: Record + OutputType, I: AnyIndex<R>>(
    question: &Query<'_, R, I, DefaultMemoryImpl>,
    order: Order,
    first: Option<u32>,
    after: Option<String>,
) -> Result<Rows<R>> {
    let first = first.unwrap_or(USUAL_ROWS);
    if !(1..=MAX_ROWS).contains(&first) {
        return Err(failed(Code::BadRequest, format!("`first` is a number from 1 to {MAX_ROWS}")));
    }
    let from = match (after, order) {
        (Some(text), _) => Some(cursor(&text)?),
        (None, Order::Ascending) => None,
        (None, Order::Descending) => Some(question.cursor_at_end()),
    };
    let page = question.page(from.as_ref(), first as usize).map_err(refused)?;
    let next = page.next.map(|cursor| BASE64.encode(cursor.to_bytes()));
    Ok(Rows { rows: page.items, next })
}

fn cursor(text: &str) -> Result<Cursor> {
    let bytes = BASE64.decode(text).map_err(|_| failed(Code::BadCursor, "`after` is not a cursor"))?;
    Cursor::from_bytes(&bytes).map_err(refused)
}
