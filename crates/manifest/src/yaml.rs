//! YAML and JSON text to positioned trees.

use granit_parser::{ErrorKind, Parser};

use crate::json;
use crate::node::{Node, NodeValue, Position};
use crate::syntax::{Lines, SyntaxError, explain};
use crate::tree::{Tree, place};

/// After this many broken documents the rest of a text is not read.
pub(crate) const MOST_ERRORS: usize = 100;
/// Whatever a caller asks for, deeper trees would endanger the stack.
const DEEPEST: usize = 500;
/// A `List` inside a `List` is rare; this many levels is plenty.
const LIST_LEVELS: usize = 4;

/// What a text may cost before it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Levels of nesting; above 500 it counts as 500.
    pub depth: usize,
    /// Values in one document, and values repeated by aliases in the whole text.
    pub nodes: usize,
    /// Bytes of text, and bytes repeated by aliases.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 100,
            nodes: 1_000_000,
            bytes: 64 * 1024 * 1024,
        }
    }
}

impl Limits {
    pub(crate) fn depth(&self) -> usize {
        self.depth.min(DEEPEST)
    }
}

/// What a text holds: its documents in order, and why others could not be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed<'a> {
    /// The documents that could be read and hold anything.
    pub documents: Vec<Node<'a>>,
    /// One error for each document that could not be read.
    pub errors: Vec<SyntaxError>,
}

/// Bytes as text, or where they stop being UTF-8.
pub fn decode(bytes: &[u8]) -> Result<&str, SyntaxError> {
    refuse_size(bytes.len(), &Limits::default())?;
    std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let good = std::str::from_utf8(good).unwrap_or_default();
        let line = good.split('\n').count();
        let column = good.rsplit('\n').next().unwrap_or_default();
        SyntaxError::new(
            place(Position::START, line, column.chars().count()),
            "this byte is not UTF-8: save the file as UTF-8",
        )
    })
}

/// Reads every document of a text; a broken one does not hide the others.
pub fn parse<'a>(text: &'a str, limits: &Limits) -> Parsed<'a> {
    if let Err(error) = refuse_size(text.len(), limits) {
        return Parsed {
            documents: Vec::new(),
            errors: vec![error],
        };
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = documents(text, limits, Position::START);
    if parsed.errors.is_empty() {
        return parsed;
    }
    json::parse(text, limits).unwrap_or(parsed)
}

/// The objects a document stands for: the items of a `List`, or the document itself.
pub fn objects(document: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    expand(document, LIST_LEVELS, &mut found);
    found
}

fn expand<'a>(node: Node<'a>, levels: usize, found: &mut Vec<Node<'a>>) {
    let kind = node.get("kind").and_then(Node::as_str);
    let items = node.get("items").and_then(Node::as_sequence);
    let list = kind.is_some_and(|kind| kind.ends_with("List")) && items.is_some();
    if levels == 0 || !list {
        found.push(node);
        return;
    }
    let NodeValue::Mapping(entries) = node.value else {
        return;
    };
    for (key, value) in entries {
        if let NodeValue::Sequence(items) = value.value
            && key.text == "items"
        {
            for item in items {
                expand(item, levels - 1, found);
            }
        }
    }
}

/// Reads a text that starts at `origin` of the text its reader knows.
pub(crate) fn documents<'a>(text: &'a str, limits: &Limits, origin: Position) -> Parsed<'a> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: limits.depth() + 1,
        block_nesting_limit: limits.depth() + 1,
    };
    let lines = Lines::new(text, origin.line);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut tree = Tree::new(limits, origin);
    let mut parsed = Parsed::default();
    while let Some(next) = parser.next_event() {
        let outcome = match next {
            Ok((event, span)) => tree.event(event, &span),
            Err(error) => {
                if *error.kind() == ErrorKind::ExpectedDocumentStart {
                    // What seemed to end goes on: the last document is the broken one.
                    parsed.documents.pop();
                }
                let marker = error.marker();
                let at = place(origin, marker.line(), marker.col());
                let message = explain(&error, lines.get(at.line), limits.depth());
                Err(SyntaxError::new(at, message))
            }
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(document)) => parsed.documents.push(document),
            Err(error) => {
                tree.reset();
                let at = error.position;
                parsed.errors.push(error.with_hint(&lines));
                if parsed.errors.len() == MOST_ERRORS {
                    let message = format!(
                        "more than {MOST_ERRORS} documents are broken: the rest was not read"
                    );
                    parsed.errors.push(SyntaxError::new(at, message));
                    break;
                }
                if !parser.proceed_next_document().unwrap_or(false) {
                    break;
                }
            }
        }
    }
    parsed
}

fn refuse_size(bytes: usize, limits: &Limits) -> Result<(), SyntaxError> {
    if bytes <= limits.bytes {
        return Ok(());
    }
    Err(SyntaxError::new(
        Position::START,
        format!(
            "the text has {bytes} bytes and the limit is {}: split it",
            limits.bytes
        ),
    ))
}
