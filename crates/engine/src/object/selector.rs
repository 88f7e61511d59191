//! Label selectors (`metav1.LabelSelector`) and the plain maps that Services use.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, metadata::Labels};

/// Which objects are meant, by their labels. All parts must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// Labels that must be there with exactly these values.
    #[serde(
        skip_serializing_if = "Labels::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub match_labels: Labels,
    /// Further conditions.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub match_expressions: Vec<Requirement>,
}

/// One condition of a selector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// What is asked of it.
    pub operator: Operator,
    /// The values for `In` and `NotIn`.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub values: Vec<String>,
}

/// What a condition asks of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// The label is there, with one of the values.
    In,
    /// The label is absent, or has none of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is absent.
    DoesNotExist,
}

impl LabelSelector {
    /// A selector without any condition; it means every object.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    /// Whether an object with these labels is meant.
    pub fn matches(&self, labels: &Labels) -> bool {
        contains_all(labels, &self.match_labels)
            && self
                .match_expressions
                .iter()
                .all(|requirement| requirement.holds(labels))
    }
}

impl Requirement {
    fn holds(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

/// Whether `labels` has every pair of `wanted`.
pub fn contains_all(labels: &Labels, wanted: &Labels) -> bool {
    wanted.len() <= labels.len()
        && wanted
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::{LabelSelector, Labels};

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn selector(yaml: &str) -> LabelSelector {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn all_conditions_must_hold() {
        let shop = selector(
            "{matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [a, b]}]}",
        );
        assert!(shop.matches(&labels(&[("app", "web"), ("tier", "b"), ("more", "x")])));
        assert!(!shop.matches(&labels(&[("app", "web")])));
        assert!(!shop.matches(&labels(&[("app", "api"), ("tier", "a")])));
    }

    #[test]
    fn an_absent_label_satisfies_not_in_and_does_not_exist() {
        let outside = selector(
            "{matchExpressions: [{key: tier, operator: NotIn, values: [a]}, {key: old, operator: DoesNotExist}]}",
        );
        assert!(outside.matches(&labels(&[])));
        assert!(!outside.matches(&labels(&[("tier", "a")])));
        assert!(!outside.matches(&labels(&[("old", "")])));
    }

    #[test]
    fn an_empty_selector_means_everything() {
        assert!(selector("{matchLabels: null}").matches(&labels(&[("app", "web")])));
    }
}
