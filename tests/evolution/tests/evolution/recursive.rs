//! A type that contains itself is stored as the list of its nodes: the recipe of
//! `docs/evolution.md` for the `Value` of ICRC-3.

use graven::StableLayout;
use graven::schema::{History, Plan};
use graven::schema::{Invalid, Layout, encode};

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Nat(u128),
    Int(i128),
    Text(String),
    Blob(Vec<u8>),
    Array(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// A node without its children, which follow it in the list.
#[derive(StableLayout)]
#[layout(version = 1)]
enum Node {
    Nat(u128),
    Int(i128),
    Text(String),
    Blob(Vec<u8>),
    /// The number of children.
    Array(u32),
    /// The keys of the children.
    Map(Vec<String>),
}

/// A value whose nodes are deeper than this is invalid, so that decoding needs little stack.
const MAX_DEPTH: usize = 32;

fn flatten(value: &Value, nodes: &mut Vec<Node>) {
    match value {
        Value::Nat(nat) => nodes.push(Node::Nat(*nat)),
        Value::Int(int) => nodes.push(Node::Int(*int)),
        Value::Text(text) => nodes.push(Node::Text(text.clone())),
        Value::Blob(blob) => nodes.push(Node::Blob(blob.clone())),
        Value::Array(values) => {
            nodes.push(Node::Array(values.len() as u32));
            values.iter().for_each(|value| flatten(value, nodes));
        }
        Value::Map(entries) => {
            nodes.push(Node::Map(entries.iter().map(|(key, _)| key.clone()).collect()));
            entries.iter().for_each(|(_, value)| flatten(value, nodes));
        }
    }
}

fn rebuild(nodes: &mut impl Iterator<Item = Node>, depth: usize) -> Result<Value, Invalid> {
    let depth = depth.checked_sub(1).ok_or(Invalid("a value is nested too deeply"))?;
    Ok(match nodes.next().ok_or(Invalid("a value lacks a node"))? {
        Node::Nat(nat) => Value::Nat(nat),
        Node::Int(int) => Value::Int(int),
        Node::Text(text) => Value::Text(text),
        Node::Blob(blob) => Value::Blob(blob),
        Node::Array(count) => {
            let values = (0..count).map(|_| rebuild(nodes, depth));
            Value::Array(values.collect::<Result<_, _>>()?)
        }
        Node::Map(keys) => {
            let entries = keys.into_iter().map(|key| Ok((key, rebuild(nodes, depth)?)));
            Value::Map(entries.collect::<Result<_, _>>()?)
        }
    })
}

fn nodes(value: &Value) -> Vec<Node> {
    let mut nodes = Vec::new();
    flatten(value, &mut nodes);
    nodes
}

fn value(nodes: Vec<Node>) -> Result<Value, Invalid> {
    let mut nodes = nodes.into_iter();
    let value = rebuild(&mut nodes, MAX_DEPTH)?;
    if nodes.next().is_some() { Err(Invalid("a value has nodes left over")) } else { Ok(value) }
}

impl StableLayout for Value {
    const LAYOUT: &'static Layout = <Vec<Node>>::LAYOUT;
    const HISTORY: &'static History = <Vec<Node>>::HISTORY;

    fn encoded_len(&self) -> usize {
        nodes(self).encoded_len()
    }

    fn encode(&self, out: &mut [u8]) {
        nodes(self).encode(out);
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        value(<Vec<Node>>::decode(bytes)?)
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        value(<Vec<Node>>::decode_old(plan, bytes)?)
    }
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct Block {
    index: u64,
    value: Value,
}

fn nested(depth: usize) -> Value {
    (1..depth).fold(Value::Nat(1), |value, _| Value::Array(vec![value]))
}

#[test]
fn a_recursive_value_is_a_field_like_others() {
    let transfer = vec![
        ("amt".to_owned(), Value::Nat(5)),
        ("from".to_owned(), Value::Array(vec![Value::Blob(vec![1, 2]), Value::Int(-1)])),
        ("memo".to_owned(), Value::Text("rent".into())),
    ];
    let value =
        Value::Map(vec![("tx".to_owned(), Value::Map(transfer)), ("none".into(), Value::Array(vec![]))]);
    let bytes = encode(&Block { index: 3, value: value.clone() });
    let block = Block::decode(&bytes).unwrap();
    assert_eq!((block.index, block.value), (3, value));
    for cut in 0..bytes.len() {
        assert!(Block::decode(&bytes[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn a_value_that_is_nested_too_deeply_is_an_error() {
    let deepest = nested(MAX_DEPTH);
    assert_eq!(Value::decode(&encode(&deepest)), Ok(deepest));
    let error = Value::decode(&encode(&nested(MAX_DEPTH + 1)));
    assert_eq!(error, Err(Invalid("a value is nested too deeply")));
}

#[test]
fn nodes_that_make_no_value_are_an_error() {
    let error = |nodes: Vec<Node>| Value::decode(&encode(&nodes)).unwrap_err().0;
    assert_eq!(error(vec![]), "a value lacks a node");
    assert_eq!(error(vec![Node::Array(u32::MAX)]), "a value lacks a node");
    assert_eq!(error(vec![Node::Nat(1), Node::Nat(2)]), "a value has nodes left over");
}
