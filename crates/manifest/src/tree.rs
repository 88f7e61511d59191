//! Parser events to a tree, within limits and without recursion.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, ScalarStyle, Span, Tag};

use crate::merge::{self, Entry};
use crate::node::{Key, Node, NodeValue, Position};
use crate::scalar;
use crate::syntax::{SyntaxError, too_deep};
use crate::yaml::Limits;

const CORE: &str = "tag:yaml.org,2002:";
const NO_KEY: &str = "a list or a mapping cannot be a key: quote the text if none is meant";

/// Builds one document after the other; what aliases may add is counted over all of them.
pub(crate) struct Tree<'a, 'l> {
    limits: &'l Limits,
    depth: usize,
    origin: Position,
    open: Vec<Open<'a>>,
    spare: Spare<'a>,
    root: Option<Node<'a>>,
    anchors: HashMap<usize, Anchor<'a>>,
    nodes: usize,
    copied: Size,
}

/// A collection whose end has not been seen.
struct Open<'a> {
    position: Position,
    anchor: usize,
    content: Content<'a>,
}

enum Content<'a> {
    Sequence(Vec<Node<'a>>),
    Mapping {
        entries: Vec<Entry<'a>>,
        key: Option<Slot<'a>>,
        merges: Vec<Node<'a>>,
    },
}

/// Emptied lists with room in them, to be filled again: each collection is built in one of them, and kept in a list
/// that is just long enough, for a tree holds many of one or two entries.
#[derive(Default)]
struct Spare<'a> {
    items: Vec<Vec<Node<'a>>>,
    entries: Vec<Vec<Entry<'a>>>,
}

/// Moves what was gathered into a list without room for more, and keeps the room for the next.
fn settled<T>(mut gathered: Vec<T>, spare: &mut Vec<Vec<T>>) -> Vec<T> {
    let mut exact = Vec::with_capacity(gathered.len());
    exact.append(&mut gathered);
    spare.push(gathered);
    exact
}

/// What the next value of a mapping belongs to.
enum Slot<'a> {
    Key(Key<'a>),
    Merge,
}

struct Anchor<'a> {
    node: Node<'a>,
    size: Size,
}

#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    height: usize,
}

impl<'a, 'l> Tree<'a, 'l> {
    /// `origin` is where the text starts in the text its reader knows.
    pub(crate) fn new(limits: &'l Limits, origin: Position) -> Self {
        Tree {
            limits,
            depth: limits.depth(),
            origin,
            open: Vec::new(),
            spare: Spare::default(),
            root: None,
            anchors: HashMap::new(),
            nodes: 0,
            copied: Size::default(),
        }
    }

    /// Forgets the document that was being built.
    pub(crate) fn reset(&mut self) {
        self.open.clear();
        self.root = None;
        self.anchors.clear();
        self.nodes = 0;
    }

    /// Takes one event; gives a document when that was its end and it holds anything.
    pub(crate) fn event(
        &mut self,
        event: Event<'a>,
        span: &Span,
    ) -> Result<Option<Node<'a>>, SyntaxError> {
        let position = self.position(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(position, text, style, anchor, tag.as_deref())?;
            }
            Event::SequenceStart(_, anchor, _) => {
                let items = self.spare.items.pop().unwrap_or_default();
                self.start(position, anchor, Content::Sequence(items))?;
            }
            Event::MappingStart(_, anchor, _) => {
                let content = Content::Mapping {
                    entries: self.spare.entries.pop().unwrap_or_default(),
                    key: None,
                    merges: Vec::new(),
                };
                self.start(position, anchor, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Alias(anchor) => self.alias(position, anchor)?,
            Event::DocumentStart(..) => self.reset(),
            Event::DocumentEnd => {
                let root = self.root.take();
                self.reset();
                return Ok(root.filter(|root| root.value != NodeValue::Null));
            }
            _ => {}
        }
        Ok(None)
    }

    /// Where a span starts in the reader's text.
    pub(crate) fn position(&self, span: &Span) -> Position {
        place(self.origin, span.start.line(), span.start.col())
    }

    fn scalar(
        &mut self,
        position: Position,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), SyntaxError> {
        let plain = style == ScalarStyle::Plain;
        if plain
            && tag.is_none()
            && text == "<<"
            && anchor == 0
            && let Some(Open {
                content:
                    Content::Mapping {
                        key: key @ None, ..
                    },
                ..
            }) = self.open.last_mut()
        {
            *key = Some(Slot::Merge);
            return Ok(());
        }
        let value = match tag {
            Some(tag) => match tag.suffix_in_namespace(CORE) {
                Some(name) => scalar::tagged(&name, text)
                    .map_err(|message| SyntaxError::new(position, message))?,
                None => NodeValue::String(text),
            },
            None if plain => scalar::resolve(text),
            None => NodeValue::String(text),
        };
        self.add(Node { position, value }, anchor)
    }

    fn start(
        &mut self,
        position: Position,
        anchor: usize,
        content: Content<'a>,
    ) -> Result<(), SyntaxError> {
        if self.expects_key() {
            return Err(SyntaxError::new(position, NO_KEY));
        }
        if self.open.len() >= self.depth {
            return Err(SyntaxError::new(position, too_deep(self.depth)));
        }
        self.open.push(Open {
            position,
            anchor,
            content,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), SyntaxError> {
        let Some(Open {
            position,
            anchor,
            content,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        let value = match content {
            Content::Sequence(items) => NodeValue::Sequence(settled(items, &mut self.spare.items)),
            Content::Mapping {
                mut entries,
                key: _,
                merges,
            } => {
                merge::refuse_duplicates(&entries)?;
                if !merges.is_empty() {
                    merge::apply(&mut entries, merges)?;
                }
                NodeValue::Mapping(settled(entries, &mut self.spare.entries))
            }
        };
        self.add(Node { position, value }, anchor)
    }

    fn alias(&mut self, position: Position, anchor: usize) -> Result<(), SyntaxError> {
        let Some(target) = self.anchors.get(&anchor) else {
            return Err(SyntaxError::new(
                position,
                "this alias stands inside the value it repeats: write the value out",
            ));
        };
        let size = target.size;
        if self.open.len() + size.height > self.depth {
            return Err(SyntaxError::new(position, too_deep(self.depth)));
        }
        count(&mut self.copied, self.limits, position, size)?;
        let mut node = target.node.clone();
        node.position = position;
        self.nodes = self.nodes.saturating_add(size.nodes.saturating_sub(1));
        self.add(node, 0)
    }

    /// Puts a complete value where it belongs.
    fn add(&mut self, node: Node<'a>, anchor: usize) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > self.limits.nodes {
            return Err(SyntaxError::new(
                node.position,
                format!(
                    "the document holds more than {} values: split it",
                    self.limits.nodes
                ),
            ));
        }
        if anchor != 0 {
            let size = measure(&node);
            count(&mut self.copied, self.limits, node.position, size)?;
            let node = node.clone();
            self.anchors.insert(anchor, Anchor { node, size });
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open {
                content: Content::Sequence(items),
                ..
            }) => items.push(node),
            Some(Open {
                content:
                    Content::Mapping {
                        entries,
                        key,
                        merges,
                    },
                ..
            }) => match key.take() {
                Some(Slot::Key(key)) => entries.push((key, node)),
                Some(Slot::Merge) => merges.push(node),
                None => *key = Some(Slot::Key(as_key(node)?)),
            },
        }
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                content: Content::Mapping { key: None, .. },
                ..
            })
        )
    }
}

fn as_key(node: Node<'_>) -> Result<Key<'_>, SyntaxError> {
    let position = node.position;
    let refusal = match node.value {
        NodeValue::Null => "this key is empty or null: name the entry, or quote the key",
        _ => NO_KEY,
    };
    scalar::key_text(node.value)
        .map(|text| Key { text, position })
        .ok_or_else(|| SyntaxError::new(position, refusal))
}

/// Counts a copy of something that stands elsewhere in the text.
fn count(
    copied: &mut Size,
    limits: &Limits,
    position: Position,
    size: Size,
) -> Result<(), SyntaxError> {
    copied.nodes = copied.nodes.saturating_add(size.nodes);
    copied.bytes = copied.bytes.saturating_add(size.bytes);
    let Limits { nodes, bytes, .. } = limits;
    if copied.nodes <= *nodes && copied.bytes <= *bytes {
        return Ok(());
    }
    Err(SyntaxError::new(
        position,
        format!("aliases repeat more than {nodes} values or {bytes} bytes: write less by alias"),
    ))
}

/// The parser counts lines from 1 and columns from 0, both from the text's `origin`.
pub(crate) fn place(origin: Position, line: usize, column: usize) -> Position {
    let line = u32::try_from(line).unwrap_or(u32::MAX).max(1);
    let column = u32::try_from(column).unwrap_or(u32::MAX);
    let first = if line == 1 { origin.column } else { 1 };
    Position {
        line: line.saturating_add(origin.line - 1),
        column: column.saturating_add(first),
    }
}

fn measure(node: &Node<'_>) -> Size {
    let leaf = |bytes| Size {
        nodes: 1,
        bytes,
        height: 0,
    };
    let around = |sizes: &mut dyn Iterator<Item = Size>| {
        let inner = sizes.fold(Size::default(), |sum, size| Size {
            nodes: sum.nodes.saturating_add(size.nodes),
            bytes: sum.bytes.saturating_add(size.bytes),
            height: sum.height.max(size.height),
        });
        Size {
            nodes: inner.nodes.saturating_add(1),
            height: inner.height + 1,
            ..inner
        }
    };
    match &node.value {
        NodeValue::String(text) => leaf(text.len()),
        NodeValue::Sequence(items) => around(&mut items.iter().map(measure)),
        NodeValue::Mapping(entries) => around(&mut entries.iter().map(|(key, value)| {
            let size = measure(value);
            Size {
                bytes: size.bytes.saturating_add(key.text.len()),
                ..size
            }
        })),
        _ => leaf(0),
    }
}
