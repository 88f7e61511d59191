//! Which namespaces an entry of the gate's configuration covers, in one selector.
//!
//! What an entry covers is what stands still when every replica is dead, so it covers no more than it must.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use prodready_engine::{
    object::selector::{self, Operator, Requirement},
    policy::Policy,
};

/// The label that every namespace has with its own name.
pub(crate) const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// One namespace by its name.
pub(super) fn only(namespace: &str) -> LabelSelector {
    LabelSelector {
        match_expressions: Some(vec![LabelSelectorRequirement {
            key: NAMESPACE_NAME.to_owned(),
            operator: "In".to_owned(),
            values: Some(vec![namespace.to_owned()]),
        }]),
        match_labels: None,
    }
}

/// The narrowest selector that covers the namespaces of all these policies. What no selector can tell,
/// such as namespaces that have one of two labels, is covered too far; memory then decides.
pub(super) fn namespaces(policies: &[&Policy], protected: &BTreeSet<String>) -> LabelSelector {
    let selected = policies
        .iter()
        .map(|policy| policy.selection.namespaces.as_ref().map(requirements))
        .map(Option::unwrap_or_default)
        .reduce(|one, other| either(&one, &other))
        .unwrap_or_default();
    let mut expressions: Vec<_> = selected.into_iter().map(written).collect();
    expressions.push(LabelSelectorRequirement {
        key: NAMESPACE_NAME.to_owned(),
        operator: "NotIn".to_owned(),
        values: Some(out_of_reach(policies, protected)),
    });
    LabelSelector {
        match_expressions: Some(expressions),
        match_labels: None,
    }
}

fn out_of_reach(policies: &[&Policy], protected: &BTreeSet<String>) -> Vec<String> {
    let excluded = policies.iter().map(|policy| {
        let excluded = policy.selection.excluded_namespaces.iter();
        excluded.cloned().collect::<BTreeSet<_>>()
    });
    let excluded_by_all = excluded.reduce(|one, other| &one & &other);
    protected
        .union(&excluded_by_all.unwrap_or_default())
        .cloned()
        .collect()
}

/// A selector as a list of conditions, of which all must hold.
fn requirements(selector: &selector::LabelSelector) -> Vec<Requirement> {
    let labels = selector
        .match_labels
        .iter()
        .map(|(key, value)| Requirement {
            key: key.clone(),
            operator: Operator::In,
            values: vec![value.clone()],
        });
    labels
        .chain(selector.match_expressions.iter().cloned())
        .collect()
}

/// What holds wherever one list of conditions holds or the other does.
fn either(one: &[Requirement], other: &[Requirement]) -> Vec<Requirement> {
    one.iter()
        .filter_map(|mine| other.iter().find_map(|theirs| weaker(mine, theirs)))
        .collect()
}

/// The condition that holds wherever one of two does, where both ask the same of the same label.
fn weaker(mine: &Requirement, theirs: &Requirement) -> Option<Requirement> {
    if mine == theirs {
        return Some(mine.clone());
    }
    let both_in = mine.operator == Operator::In && theirs.operator == Operator::In;
    (both_in && mine.key == theirs.key).then(|| {
        let values: BTreeSet<&String> = mine.values.iter().chain(&theirs.values).collect();
        Requirement {
            values: values.into_iter().cloned().collect(),
            ..mine.clone()
        }
    })
}

fn written(requirement: Requirement) -> LabelSelectorRequirement {
    let operator = match requirement.operator {
        Operator::In => "In",
        Operator::NotIn => "NotIn",
        Operator::Exists => "Exists",
        Operator::DoesNotExist => "DoesNotExist",
    };
    LabelSelectorRequirement {
        key: requirement.key,
        operator: operator.to_owned(),
        values: (!requirement.values.is_empty()).then_some(requirement.values),
    }
}

#[cfg(test)]
mod tests {
    use prodready_engine::api::policy::ProductionReadinessPolicy;
    use serde_json::{Value, json};

    use super::*;

    fn covered(specs: &[Value]) -> Value {
        let policies: Vec<Policy> = specs
            .iter()
            .map(|spec| {
                let written = json!({"metadata": {"name": "tried"}, "spec": spec});
                let written: ProductionReadinessPolicy = serde_json::from_value(written).unwrap();
                Policy::compile(&written).unwrap()
            })
            .collect();
        let policies: Vec<&Policy> = policies.iter().collect();
        let protected = BTreeSet::from(["kube-system".to_owned()]);
        let selector = serde_json::to_value(namespaces(&policies, &protected)).unwrap();
        selector["matchExpressions"].clone()
    }

    fn named(labels: &Value) -> Value {
        json!({"namespaceSelector": {"matchLabels": labels}})
    }

    #[test]
    fn one_policy_is_covered_exactly() {
        let spec = json!({
            "namespaceSelector": {
                "matchLabels": {"enforced": "yes"},
                "matchExpressions": [{"key": "sandbox", "operator": "DoesNotExist"}],
            },
            "excludedNamespaces": ["monitoring"],
        });
        assert_eq!(
            covered(&[spec]),
            json!([
                {"key": "enforced", "operator": "In", "values": ["yes"]},
                {"key": "sandbox", "operator": "DoesNotExist"},
                {"key": NAMESPACE_NAME, "operator": "NotIn", "values": ["kube-system", "monitoring"]},
            ])
        );
    }

    #[test]
    fn policies_that_ask_for_values_of_one_label_are_covered_exactly() {
        let specs = ["staging", "production"].map(|value| named(&json!({"environment": value})));
        assert_eq!(
            covered(&specs)[0],
            json!({"key": "environment", "operator": "In", "values": ["production", "staging"]})
        );
    }

    #[test]
    fn what_all_policies_ask_is_kept_and_what_one_asks_is_not() {
        let specs = [
            named(&json!({"managed": "yes", "team": "shop"})),
            named(&json!({"managed": "yes", "zone": "a"})),
        ];
        assert_eq!(
            covered(&specs),
            json!([
                {"key": "managed", "operator": "In", "values": ["yes"]},
                {"key": NAMESPACE_NAME, "operator": "NotIn", "values": ["kube-system"]},
            ])
        );
    }

    #[test]
    fn a_policy_for_every_namespace_covers_every_namespace_that_is_not_protected() {
        assert_eq!(
            covered(&[named(&json!({"team": "shop"})), json!({})]),
            json!([{"key": NAMESPACE_NAME, "operator": "NotIn", "values": ["kube-system"]}])
        );
    }
}
