//! The policies in force, found by the labels that they ask for: what a request costs does not grow with the policies
//! that select others.

use std::{collections::HashMap, sync::Arc};

use super::{Candidate, Policy};
use crate::{
    object::{
        metadata::Labels,
        selector::{LabelSelector, Operator},
    },
    surroundings::Seen,
};

/// The policies in force.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    /// Where several select the same, the first of them governs: the highest precedence, then the oldest, then the
    /// first by name. Nothing is merged.
    policies: Vec<Arc<Policy>>,
    by_namespace: ByLabel,
    by_workload: ByLabel,
    /// Those that ask for no label.
    by_none: Vec<usize>,
}

impl FromIterator<Arc<Policy>> for PolicySet {
    fn from_iter<I: IntoIterator<Item = Arc<Policy>>>(policies: I) -> Self {
        let mut policies: Vec<_> = policies.into_iter().collect();
        policies.sort_by(|one, other| rank(one).cmp(&rank(other)));
        let mut set = Self::default();
        for (position, policy) in policies.iter().enumerate() {
            let selection = &policy.selection;
            let of_namespace = selection.namespaces.as_ref().and_then(Term::needed);
            let of_workload = || selection.workloads.as_ref().and_then(Term::needed);
            if let Some(term) = of_namespace {
                set.by_namespace.add(&term, position);
            } else if let Some(term) = of_workload() {
                set.by_workload.add(&term, position);
            } else {
                set.by_none.push(position);
            }
        }
        set.policies = policies;
        set
    }
}

impl FromIterator<Policy> for PolicySet {
    fn from_iter<I: IntoIterator<Item = Policy>>(policies: I) -> Self {
        policies.into_iter().map(Arc::new).collect()
    }
}

impl PolicySet {
    /// All of them; of those that select the same, the one that governs comes first.
    pub fn as_slice(&self) -> &[Arc<Policy>] {
        &self.policies
    }

    /// All of them, in the same order.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().map(AsRef::as_ref)
    }

    /// The policy that governs a workload.
    pub fn governing(&self, candidate: Candidate<'_>, labels: &Seen<&Labels>) -> Option<&Policy> {
        let of_namespace = self.of_namespace(labels);
        let of_workload = self.by_workload.of(candidate.labels);
        self.first(of_namespace.chain(of_workload), |policy| {
            policy.selection.selects(candidate, labels)
        })
    }

    /// The policy that governs a namespace as a whole, chosen as for a workload.
    pub fn governing_namespace(&self, namespace: &str, labels: &Seen<&Labels>) -> Option<&Policy> {
        self.first(self.of_namespace(labels), |policy| {
            let selection = &policy.selection;
            selection.selects_whole_namespace(namespace, labels)
        })
    }

    /// Where those stand that may select by a namespace's labels. Where these are not known, none does.
    fn of_namespace<'a>(&'a self, labels: &Seen<&'a Labels>) -> impl Iterator<Item = usize> + 'a {
        let known = match labels {
            Seen::Known(labels) => Some(*labels),
            Seen::NotSeen(_) => None,
        };
        known
            .into_iter()
            .flat_map(|labels| self.by_namespace.of(labels))
    }

    fn first(
        &self,
        by_label: impl Iterator<Item = usize>,
        selects: impl Fn(&Policy) -> bool,
    ) -> Option<&Policy> {
        let selects = |position: &usize| selects(&self.policies[*position]);
        let first = by_label.filter(&selects).min();
        // What asks for no label stands in order, and counts only before what was found.
        let mut before = self.by_none.iter().copied();
        let earlier = before
            .by_ref()
            .take_while(|position| first.is_none_or(|first| *position < first))
            .find(&selects);
        earlier.or(first).map(|position| &*self.policies[position])
    }
}

fn rank(policy: &Policy) -> (std::cmp::Reverse<i32>, &str, &str) {
    (
        std::cmp::Reverse(policy.precedence),
        &policy.created,
        &policy.name,
    )
}

/// Positions of policies by a label without which they select nothing.
#[derive(Clone, Debug, Default)]
struct ByLabel {
    pairs: HashMap<String, HashMap<String, Vec<usize>>>,
    keys: HashMap<String, Vec<usize>>,
}

/// A label without which a selector selects nothing.
enum Term<'s> {
    /// With one of these values.
    Values(&'s str, Vec<&'s str>),
    /// With any value.
    Key(&'s str),
}

impl<'s> Term<'s> {
    fn needed(selector: &'s LabelSelector) -> Option<Self> {
        if let Some((key, value)) = selector.match_labels.iter().next() {
            return Some(Self::Values(key, vec![value]));
        }
        let expressions = || selector.match_expressions.iter();
        let is_in = expressions().find(|expression| expression.operator == Operator::In);
        let exists = || expressions().find(|expression| expression.operator == Operator::Exists);
        match is_in {
            Some(expression) => {
                let values = expression.values.iter().map(String::as_str);
                Some(Self::Values(&expression.key, values.collect()))
            }
            None => exists().map(|expression| Self::Key(&expression.key)),
        }
    }
}

impl ByLabel {
    fn add(&mut self, term: &Term<'_>, position: usize) {
        match term {
            Term::Key(key) => {
                let positions = self.keys.entry((*key).to_owned()).or_default();
                positions.push(position);
            }
            Term::Values(key, values) => {
                let of_key = self.pairs.entry((*key).to_owned()).or_default();
                for value in values {
                    let positions = of_key.entry((*value).to_owned()).or_default();
                    positions.push(position);
                }
            }
        }
    }

    fn of<'a>(&'a self, labels: &'a Labels) -> impl Iterator<Item = usize> + 'a {
        labels.iter().flat_map(|(key, value)| {
            let by_value = self.pairs.get(key).and_then(|values| values.get(value));
            let by_key = self.keys.get(key);
            by_value.into_iter().chain(by_key).flatten().copied()
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Candidate, LabelSelector, Labels, PolicySet, rank};
    use crate::{
        api::vocabulary::{Profile, WorkloadKind},
        object::selector::{Operator, Requirement},
        policy::Policy,
        surroundings::Seen,
    };

    const KEYS: [&str; 3] = ["team", "tier", "stage"];
    const VALUES: [&str; 3] = ["a", "b", "c"];

    fn labels() -> impl Strategy<Value = Labels> {
        let pair = (
            prop::sample::select(&KEYS[..]),
            prop::sample::select(&VALUES[..]),
        );
        prop::collection::vec(pair, 0..3).prop_map(|pairs| {
            let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
            pairs.into_iter().map(owned).collect()
        })
    }

    fn requirement() -> impl Strategy<Value = Requirement> {
        let operators = [
            Operator::In,
            Operator::NotIn,
            Operator::Exists,
            Operator::DoesNotExist,
        ];
        let values = prop::collection::vec(prop::sample::select(&VALUES[..]), 1..3);
        let parts = (
            prop::sample::select(&KEYS[..]),
            prop::sample::select(operators.to_vec()),
            values,
        );
        parts.prop_map(|(key, operator, values)| Requirement {
            key: key.to_owned(),
            operator,
            values: values.into_iter().map(ToOwned::to_owned).collect(),
        })
    }

    fn selector() -> impl Strategy<Value = Option<LabelSelector>> {
        let parts = (labels(), prop::collection::vec(requirement(), 0..2));
        prop::option::of(
            parts.prop_map(|(match_labels, match_expressions)| LabelSelector {
                match_labels,
                match_expressions,
            }),
        )
    }

    fn policies() -> impl Strategy<Value = Vec<Policy>> {
        let parts = (selector(), selector(), 0..3_i32, any::<bool>());
        prop::collection::vec(parts, 0..12).prop_map(|all| {
            let numbered = all.into_iter().enumerate();
            let policies =
                numbered.map(|(number, (namespaces, workloads, precedence, excludes))| {
                    let mut policy = Policy::of_profile(Profile::Baseline);
                    policy.name = format!("p{number}").into();
                    policy.precedence = precedence;
                    policy.selection.namespaces = namespaces;
                    policy.selection.workloads = workloads;
                    if excludes {
                        policy.selection.excluded_namespaces = vec!["shop".to_owned()];
                    }
                    policy
                });
            policies.collect()
        })
    }

    proptest! {
        #[test]
        fn who_governs_is_the_first_in_rank_of_all_that_select(
            policies in policies(),
            of_namespace in prop::option::of(labels()),
            of_workload in labels(),
            namespace in prop::sample::select(&["shop", "bank"][..]),
        ) {
            let seen = match &of_namespace {
                Some(labels) => Seen::Known(labels),
                None => Seen::NotSeen("not among the files".to_owned()),
            };
            let candidate = Candidate {
                kind: WorkloadKind::Deployment,
                labels: &of_workload,
                namespace,
            };
            let first = |selects: &dyn Fn(&Policy) -> bool| {
                let selecting = policies.iter().filter(|policy| selects(policy));
                let governing = selecting.min_by(|one, other| rank(one).cmp(&rank(other)));
                governing.map(|policy| policy.name.to_string())
            };
            let set: PolicySet = policies.iter().cloned().collect();
            let name = |policy: Option<&Policy>| policy.map(|policy| policy.name.to_string());
            prop_assert_eq!(
                name(set.governing(candidate, &seen)),
                first(&|policy| policy.selection.selects(candidate, &seen))
            );
            prop_assert_eq!(
                name(set.governing_namespace(namespace, &seen)),
                first(&|policy| policy.selection.selects_whole_namespace(namespace, &seen))
            );
        }
    }
}
