//! Why a text could not be read, in words that say what to do.

use std::cell::OnceCell;

use granit_parser::{ErrorKind, ScanError};

use crate::node::Position;

const HELM: &str = "this looks like a Helm template: render it first with `helm template`";

/// Why a text or one document of it could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {message}")]
pub struct SyntaxError {
    /// Where reading stopped.
    pub position: Position,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl SyntaxError {
    pub(crate) fn new(position: Position, message: impl Into<String>) -> Self {
        SyntaxError {
            position,
            message: message.into(),
        }
    }

    /// Adds the advice for templates where the line in question shows one.
    pub(crate) fn with_hint(mut self, lines: &Lines<'_>) -> Self {
        let around = [Some(self.position.line), self.position.line.checked_sub(1)];
        let template = around
            .into_iter()
            .flatten()
            .any(|line| lines.get(line).contains("{{"));
        if template {
            self.message = format!("{}; {HELM}", self.message);
        }
        self
    }
}

/// A text's lines by the number they have for the reader.
pub(crate) struct Lines<'a> {
    text: &'a str,
    first: u32,
    starts: OnceCell<Vec<usize>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str, first: u32) -> Self {
        Lines {
            text,
            first,
            starts: OnceCell::new(),
        }
    }

    /// The line without its end; empty where there is none.
    pub(crate) fn get(&self, line: u32) -> &'a str {
        let starts = self.starts.get_or_init(|| {
            let ends = self.text.match_indices('\n').map(|(end, _)| end + 1);
            std::iter::once(0).chain(ends).collect()
        });
        line.checked_sub(self.first)
            .and_then(|index| starts.get(usize::try_from(index).ok()?))
            .and_then(|start| self.text.get(*start..)?.lines().next())
            .unwrap_or_default()
    }
}

/// The parser's complaint in our words.
pub(crate) fn explain(error: &ScanError, line: &str, depth: usize) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    let tabs = "a tab cannot indent YAML: use spaces instead";
    match error.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => tabs.to_owned(),
        _ if indent.contains('\t') => tabs.to_owned(),
        ErrorKind::RecursionLimitExceeded => too_deep(depth),
        ErrorKind::UnknownAnchor => {
            "this alias names no anchor before it in the document: define the anchor first, \
             or quote the text if no alias is meant"
                .to_owned()
        }
        ErrorKind::UnclosedQuotedScalar => "this quote is never closed: close it".to_owned(),
        ErrorKind::UnclosedFlowCollection { open } => {
            format!("this `{open}` is never closed: close it")
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            format!("`{open}` is closed by `{close}`: make the brackets match")
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            "this bracket closes nothing: remove it or open one before it".to_owned()
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "a `:` is not allowed here: check the indentation, or quote the text if the `:` \
             belongs to it"
                .to_owned()
        }
        ErrorKind::SimpleKeyExpected => {
            "a `key: value` was expected here: add the missing `:` or check the indentation"
                .to_owned()
        }
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation => {
            "this does not continue what stands above it: indent it like its neighbours".to_owned()
        }
        ErrorKind::ExpectedDocumentStart => {
            "the document is complete before this: put `---` between them or check the indentation"
                .to_owned()
        }
        ErrorKind::UnexpectedCharacter { character } => format!(
            "a value cannot start with `{}`: quote the text",
            character.escape_default()
        ),
        kind => {
            let words = kind.to_string();
            let words = words.trim_end_matches('.');
            format!("{words}: correct the YAML here")
        }
    }
}

pub(crate) fn too_deep(depth: usize) -> String {
    format!("nested more than {depth} levels deep: flatten it")
}
