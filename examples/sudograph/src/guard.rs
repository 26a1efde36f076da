//! The limits of a document's cost. Everything is counted before the first row is read.

use async_graphql::parser::types::{DocumentOperations, OperationType};
use async_graphql::{Request, SchemaBuilder, ServerError, Variables};

use crate::failure::{Code, failed};
use crate::page::{MAX_ROWS, USUAL_ROWS};

/// Bytes of a document.
const MAX_BYTES: usize = 16 * 1024;

/// Opening brackets. The parser calls itself for those within others, and a canister's stack is
/// small. Those in texts count, too: a text that has many is passed as a variable.
const MAX_BRACKETS: usize = 200;

/// Uses of fragments. A fragment that uses another one twice doubles it.
const MAX_FRAGMENTS: usize = 12;

/// Fields within fields: enough for the introspection of common tools.
const MAX_DEPTH: usize = 15;

/// Fields that are answered, those of the rows of a page counted for each row that it may have.
const MAX_COMPLEXITY: usize = 5_000;

/// Sets the limits of a schema.
pub fn limited<Q, M, S>(schema: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S> {
    schema.limit_depth(MAX_DEPTH).limit_complexity(MAX_COMPLEXITY).limit_directives(MAX_FRAGMENTS)
}

/// Returns the complexity of a page of rows, each of which costs `row`.
pub fn cost(first: Option<u32>, row: usize) -> usize {
    let first = first.unwrap_or(USUAL_ROWS).min(MAX_ROWS) as usize;
    // The sum over all fields of a document must fit into 32 bits.
    first.saturating_mul(row).min(MAX_COMPLEXITY + 1)
}

/// Returns the request of a document that may be executed.
pub fn request(text: String, variables: &str, may_change: bool) -> Result<Request, ServerError> {
    let refuse = |message: String| failed(Code::BadRequest, message).into_server_error(Default::default());
    if text.len() > MAX_BYTES {
        return Err(refuse(format!("a document has at most {MAX_BYTES} bytes")));
    }
    if text.matches(['{', '[', '(']).count() > MAX_BRACKETS {
        return Err(refuse(format!("a document has at most {MAX_BRACKETS} opening brackets")));
    }
    if text.matches("...").count() > MAX_FRAGMENTS {
        return Err(refuse(format!("a document uses at most {MAX_FRAGMENTS} fragments")));
    }
    let variables = if variables.trim().is_empty() { "{}" } else { variables };
    let variables: serde_json::Map<String, serde_json::Value> = serde_json::from_str(variables)
        .map_err(|error| refuse(format!("the variables are not a JSON object: {error}")))?;
    let mut request = Request::new(text).variables(Variables::from_json(variables.into()));
    if !may_change && changes(&request.parsed_query()?.operations) {
        return Err(refuse("mutations go to `graphql_mutation`".to_owned()));
    }
    Ok(request)
}

fn changes(operations: &DocumentOperations) -> bool {
    operations.iter().any(|(_, operation)| operation.node.ty == OperationType::Mutation)
}
