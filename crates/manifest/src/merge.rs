//! What happens when a mapping is complete: no key twice, merge keys applied.

use std::collections::{HashMap, HashSet};

use crate::node::{Key, Node, NodeValue, Position};
use crate::syntax::SyntaxError;

pub(crate) type Entry<'a> = (Key<'a>, Node<'a>);

/// Below this many entries comparing all pairs is cheaper than hashing.
const FEW: usize = 12;

/// Refuses a key that is given twice.
pub(crate) fn refuse_duplicates(entries: &[Entry<'_>]) -> Result<(), SyntaxError> {
    let Some((first, second)) = duplicate(entries) else {
        return Ok(());
    };
    Err(SyntaxError::new(
        second.position,
        format!(
            "the key `{}` is given twice, on line {} and on line {}: keep one of them",
            second.text, first.position.line, second.position.line
        ),
    ))
}

fn duplicate<'e, 'a>(entries: &'e [Entry<'a>]) -> Option<(&'e Key<'a>, &'e Key<'a>)> {
    if entries.len() <= FEW {
        return entries.iter().enumerate().find_map(|(index, (key, _))| {
            entries[..index]
                .iter()
                .find(|(earlier, _)| earlier.text == key.text)
                .map(|(earlier, _)| (earlier, key))
        });
    }
    let mut seen: HashMap<&str, &Key<'_>> = HashMap::with_capacity(entries.len());
    entries
        .iter()
        .find_map(|(key, _)| seen.insert(&key.text, key).map(|earlier| (earlier, key)))
}

/// Adds what `<<` brings in: the mapping's own keys win, then earlier sources.
pub(crate) fn apply<'a>(
    entries: &mut Vec<Entry<'a>>,
    sources: Vec<Node<'a>>,
) -> Result<(), SyntaxError> {
    let mut brought = Vec::new();
    for source in sources {
        match source.value {
            NodeValue::Mapping(more) => brought.extend(more),
            NodeValue::Sequence(items) => {
                for item in items {
                    let NodeValue::Mapping(more) = item.value else {
                        return Err(refused(item.position));
                    };
                    brought.extend(more);
                }
            }
            _ => return Err(refused(source.position)),
        }
    }
    let mut known: HashSet<String> = entries
        .iter()
        .map(|(key, _)| key.text.to_string())
        .collect();
    for (key, value) in brought {
        if known.insert(key.text.to_string()) {
            entries.push((key, value));
        }
    }
    Ok(())
}

fn refused(position: Position) -> SyntaxError {
    SyntaxError::new(
        position,
        "`<<` can only bring in a mapping or a list of mappings: point it at one",
    )
}
