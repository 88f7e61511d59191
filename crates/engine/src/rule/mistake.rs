//! A mistake in an expression, and where in it.

use cel::common::ast::SourceInfo;

/// A mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub(super) struct Mistake {
    pub(super) line: usize,
    /// In characters, the first being 1.
    pub(super) column: usize,
    pub(super) message: String,
}

impl Mistake {
    /// At so many bytes from the beginning of an expression.
    pub(super) fn at(source: &SourceInfo, offset: usize, message: String) -> Self {
        let before = source.source.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let letters = before.chars().rev().take_while(|letter| *letter != '\n');
        let column = letters.count() + 1;
        Self {
            line,
            column,
            message,
        }
    }

    /// Of an expression as a whole.
    pub(super) fn of_whole(message: String) -> Self {
        let (line, column) = (1, 1);
        Self {
            line,
            column,
            message,
        }
    }
}

/// Where a part's own token begins and ends, in bytes.
pub(super) fn place(source: &SourceInfo, id: u64) -> Option<(usize, usize)> {
    let (start, end) = source.offset_for(id)?;
    Some((usize::try_from(start).ok()?, usize::try_from(end).ok()?))
}
