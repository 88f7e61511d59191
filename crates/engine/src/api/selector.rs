//! Selectors by label, with the bounds that `metav1.LabelSelector` has only in code.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

const KEY: &str =
    r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
const VALUE: &str = r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$";

/// Selects by labels. All of `matchLabels` and `matchExpressions` must hold; an empty selector
/// selects all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-map-type" = "atomic"))]
pub struct LabelSelector {
    /// Labels that must be there with exactly these values. Example: `{"team": "shop"}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "match_labels")]
    pub match_labels: BTreeMap<String, String>,
    /// Conditions on labels. Example:
    /// `[{"key": "tier", "operator": "In", "values": ["front", "back"]}]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub match_expressions: Vec<LabelRequirement>,
}

/// A condition on one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
    "message": "must have at least one value with the operators 'In' and 'NotIn', and must not have any with 'Exists' and 'DoesNotExist'",
    "fieldPath": ".values",
}]))]
pub struct LabelRequirement {
    /// The label's key. Example: `app.kubernetes.io/part-of`.
    #[schemars(length(min = 1, max = 317), regex(pattern = KEY))]
    pub key: String,
    /// What is asked of the label: `In` and `NotIn` compare with `values`, `Exists` and
    /// `DoesNotExist` take none. `NotIn` also holds where the label is absent.
    pub operator: LabelOperator,
    /// The values for `In` and `NotIn`, at least one. Example: `["front", "back"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(max = 63), regex(pattern = VALUE)))]
    pub values: Vec<String>,
}

/// What is asked of a label: `In`, `NotIn`, `Exists` or `DoesNotExist`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum LabelOperator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

fn match_labels(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 32,
        "additionalProperties": {"type": "string", "maxLength": 63, "pattern": VALUE},
        "x-kubernetes-validations": [{
            "rule": format!("self.all(key, size(key) <= 317 && key.matches('{KEY}'))"),
            "message": "every key must be a label's key, such as 'team' or 'app.kubernetes.io/part-of'",
        }],
    })
}
