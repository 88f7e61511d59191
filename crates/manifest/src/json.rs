//! JSON that YAML does not allow: indented by tabs, or one value after the other.

use crate::node::Position;
use crate::yaml::{Limits, MOST_ERRORS, Parsed, documents};

/// One of several JSON values in a text.
struct Piece<'a> {
    text: &'a str,
    origin: Position,
}

/// Reads a text as JSON values in a row, if it looks like nothing else.
pub(crate) fn parse<'a>(text: &'a str, limits: &Limits) -> Option<Parsed<'a>> {
    let pieces = split(text)?;
    let mut parsed = Parsed::default();
    for Piece { text, origin } in pieces {
        if parsed.errors.len() >= MOST_ERRORS {
            break;
        }
        if text.contains('\t') {
            let text = without_tabs(text);
            let part = documents(&text, limits, origin);
            for document in part.documents {
                parsed.documents.push(document.into_owned());
            }
            parsed.errors.extend(part.errors);
        } else {
            let part = documents(text, limits, origin);
            parsed.documents.extend(part.documents);
            parsed.errors.extend(part.errors);
        }
    }
    Some(parsed)
}

/// The objects and lists of a text with nothing but space between them, or nothing.
fn split(text: &str) -> Option<Vec<Piece<'_>>> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut pieces = Vec::new();
    let mut position = Position::START;
    let mut started = None;
    let mut depth = 0usize;
    let mut quotes = Quotes::default();
    for (at, character) in text.char_indices() {
        if !quotes.inside(character) {
            match character {
                '{' | '[' => {
                    if depth == 0 {
                        started = Some((at, position));
                    }
                    depth += 1;
                }
                '}' | ']' => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        let (start, origin) = started.take()?;
                        let text = text.get(start..=at)?;
                        pieces.push(Piece { text, origin });
                    }
                }
                // JSON has no aliases: what they may repeat is counted per text, not per piece.
                '&' | '*' => return None,
                _ if depth == 0 && !character.is_ascii_whitespace() => return None,
                _ => {}
            }
        }
        if character == '\n' {
            position.line = position.line.saturating_add(1);
            position.column = 1;
        } else {
            position.column = position.column.saturating_add(1);
        }
    }
    (depth == 0).then_some(pieces)
}

/// Every tab outside of strings as one space, so that columns stay.
fn without_tabs(text: &str) -> String {
    let mut quotes = Quotes::default();
    text.chars()
        .map(|character| match (quotes.inside(character), character) {
            (false, '\t') => ' ',
            _ => character,
        })
        .collect()
}

/// Whether a character belongs to a JSON string.
#[derive(Default)]
struct Quotes {
    open: bool,
    escaped: bool,
}

impl Quotes {
    /// Takes the next character; says whether it is part of a string, quotes included.
    fn inside(&mut self, character: char) -> bool {
        let inside = self.open || character == '"';
        if self.escaped {
            self.escaped = false;
        } else if self.open && character == '\\' {
            self.escaped = true;
        } else if character == '"' {
            self.open = !self.open;
        }
        inside
    }
}
