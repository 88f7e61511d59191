//! The kinds that a rule may be asked about, and with them what its variables are.

use std::collections::BTreeSet;

use super::held::Held;
use crate::{
    api::{rule::Rule as Written, vocabulary::WorkloadKind},
    object::Kind,
    schema::{self, Schema, Type},
};

/// The definition of what the rules with `forEach: containers` see as `container`.
const CONTAINER: &str = "core.v1.Container";

/// The kinds that a rule may be asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) schema: &'a Schema,
    /// Those that it asks.
    pub(super) kinds: &'a [WorkloadKind],
    /// Whether it tells cases apart: then it may ask for fields of any kind, for what is left over for kinds that it
    /// does not meet is no slip of the pen.
    pub(super) tells_apart: bool,
    /// Whether it names a kind that is no workload: it was written for more than it meets, and may ask for any field.
    pub(super) names_others: bool,
}

impl Asked<'_> {
    /// The workload.
    pub(super) fn workload(&self) -> Held {
        if self.names_others {
            return Held::anything();
        }
        self.defined(self.kinds.iter().map(|kind| schema::definition(*kind)))
    }

    /// One of its containers.
    pub(super) fn container(&self) -> Held {
        self.defined(std::iter::once(CONTAINER))
    }

    /// An object of a kind that is no workload.
    pub(super) fn beside(&self, kind: Kind) -> Held {
        self.defined(schema::definitions_of(kind).iter().copied())
    }

    /// An object of one of some definitions; anything where one of them, or none, is known.
    fn defined(&self, names: impl Iterator<Item = &'static str>) -> Held {
        let types: Option<BTreeSet<Type>> = names.map(|name| self.schema.named(name)).collect();
        match types {
            Some(types) if !types.is_empty() => Held::of(types),
            _ => Held::anything(),
        }
    }
}

/// The kinds that a rule of a policy asks; all where it asks none, for then it does no harm.
pub(super) fn kinds_asked(written: &Written, selected: &[WorkloadKind]) -> Vec<WorkloadKind> {
    let mut asked = WorkloadKind::ALL.to_vec();
    for wanted in [&written.kinds, selected] {
        asked.retain(|kind| wanted.is_empty() || wanted.contains(kind));
    }
    if asked.is_empty() {
        WorkloadKind::ALL.to_vec()
    } else {
        asked
    }
}

/// Whether a rule may take workloads of different kinds in different ways. Asked of its text: where that says too much,
/// a field is taken that is none.
pub(super) fn tells_apart(written: &Written) -> bool {
    texts(written).any(|text| {
        let marks = ["?", "has", "kind", "apiVersion"];
        marks.iter().any(|mark| text.contains(mark))
            || text.split_whitespace().any(|word| word == "in")
    })
}

/// Whether a rule compares kinds with one that is no workload, as one that was written for more than workloads does:
/// `object.kind != 'PodTemplate' || …`, or `['Job', 'PodTemplate'].exists(kind, kind == object.kind)`. Asked of its text,
/// in the same way.
pub(super) fn names_others(written: &Written) -> bool {
    texts(written).any(|text| {
        text.contains("kind")
            && Quoted::all(text).iter().any(|quoted| {
                is_name_of_kind(quoted.inside)
                    && quoted.may_be_compared_with_a_kind()
                    && WorkloadKind::ALL
                        .iter()
                        .all(|kind| kind.as_str() != quoted.inside)
            })
    })
}

fn texts(written: &Written) -> impl Iterator<Item = &String> {
    let more = [&written.applies_to, &written.message_expression];
    more.into_iter().flatten().chain([&written.expression])
}

fn is_name_of_kind(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A text in quotes, and what stands around it.
struct Quoted<'t> {
    before: &'t str,
    inside: &'t str,
    after: &'t str,
}

impl<'t> Quoted<'t> {
    fn all(text: &'t str) -> Vec<Self> {
        let mut all = Vec::new();
        let mut from = 0;
        while let Some(begin) = text[from..].find(['\'', '"']).map(|at| from + at) {
            let quote = if text[begin..].starts_with('"') {
                '"'
            } else {
                '\''
            };
            let Some(end) = text[begin + 1..].find(quote).map(|at| begin + 1 + at) else {
                break;
            };
            all.push(Self {
                before: text[..begin].trim_end(),
                inside: &text[begin + 1..end],
                after: text[end + 1..].trim_start(),
            });
            from = end + 1;
        }
        all
    }

    /// Beside an operator with `kind` on its other side, or in a list.
    fn may_be_compared_with_a_kind(&self) -> bool {
        let operators = ["==", "!="];
        let left = operators
            .iter()
            .find_map(|sign| self.before.strip_suffix(sign));
        let is_kind = |left: &str| {
            left.trim_end_matches([' ', '\n', ']', ')', '\'', '"'])
                .ends_with("kind")
        };
        left.is_some_and(is_kind)
            || self.before.ends_with(['[', ','])
            || operators.iter().any(|sign| self.after.starts_with(sign))
    }
}
