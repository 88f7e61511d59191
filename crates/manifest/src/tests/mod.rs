//! Expectations are written by hand, beside what kubectl makes of the same text.

mod deserializing;
mod hostile;
mod positions;
mod scalars;
mod streams;

use crate::{Limits, Node, Parsed, Position, parse};

fn read(text: &str) -> Parsed<'_> {
    parse(text, &Limits::default())
}

fn one(text: &str) -> Node<'_> {
    let mut parsed = read(text);
    assert_eq!(parsed.errors, [], "{text}");
    assert_eq!(parsed.documents.len(), 1, "{text}");
    parsed.documents.remove(0)
}

fn json(text: &str) -> String {
    serde_json::to_string(&one(text)).unwrap()
}

fn errors(text: &str) -> Vec<String> {
    read(text).errors.iter().map(ToString::to_string).collect()
}

fn at(line: u32, column: u32) -> Position {
    Position { line, column }
}
