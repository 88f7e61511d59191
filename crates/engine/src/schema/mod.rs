//! The fields that Kubernetes knows of its workloads and of what rules read beside them, and what in a manifest is none
//! of them.
//!
//! The table is what the API server of the tests publishes (`/openapi/v2`); a test keeps it so.

mod walk;

use std::collections::{BTreeMap, HashMap};

use serde::de::{DeserializeSeed as _, Deserializer};

use crate::{
    api::vocabulary::WorkloadKind,
    object::{Kind, Pointer},
};

/// A line for each field: the definition that has it, its name and its type.
const FIELDS: &str = include_str!("fields.tsv");

/// How many faults of one object are told: more help nobody.
const MOST: usize = 20;

/// The most bytes of a name that may be a field's with a slip of the pen.
const LONGEST_NAME: usize = 100;

/// The definitions of Kubernetes' workloads.
#[derive(Debug)]
pub struct Schema {
    /// Each type that the table names, once.
    shapes: Vec<Shape>,
    /// Where among them each stands, by how the table writes it.
    types: HashMap<&'static str, Type>,
    definitions: Vec<Definition>,
}

#[derive(Debug)]
struct Definition {
    /// As the table writes it: `core.v1.Container`.
    name: &'static str,
    fields: BTreeMap<&'static str, Type>,
}

/// Something in a manifest that the API server would refuse or drop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFault {
    /// Where it stands.
    pub pointer: Pointer,
    /// What is wrong with it.
    pub message: String,
}

/// A type, by its place among the shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Type(usize);

/// What a type is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Text,
    Integer,
    Number,
    Boolean,
    Quantity,
    IntOrString,
    Any,
    List(Type),
    Map(Type),
    /// By its place among the definitions.
    Fields(usize),
}

impl Shape {
    /// What it is, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Quantity => "a quantity",
            Self::IntOrString => "a number or a text",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Fields(_) => "a mapping",
            Self::Any => "anything",
        }
    }
}

impl Schema {
    /// Reads the table of Kubernetes' fields.
    pub fn kubernetes() -> Self {
        let mut schema = Self {
            shapes: Vec::new(),
            types: HashMap::new(),
            definitions: Vec::new(),
        };
        let lines = || FIELDS.lines().filter_map(columns);
        for (definition, ..) in lines() {
            if !schema.types.contains_key(definition) {
                let shape = Shape::Fields(schema.definitions.len());
                schema.definitions.push(Definition {
                    name: definition,
                    fields: BTreeMap::new(),
                });
                schema.add(definition, shape);
            }
        }
        for (definition, field, written) in lines() {
            let kind = schema.interned(written);
            if let Shape::Fields(index) = schema.shape(schema.types[definition]) {
                schema.definitions[index].fields.insert(field, kind);
            }
        }
        schema
    }

    fn add(&mut self, written: &'static str, shape: Shape) -> Type {
        let kind = Type(self.shapes.len());
        self.shapes.push(shape);
        self.types.insert(written, kind);
        kind
    }

    /// The type that the table writes so: a simple type or a definition, with `[` before it for a list and `{` for a
    /// map.
    fn interned(&mut self, written: &'static str) -> Type {
        if let Some(kind) = self.types.get(written) {
            return *kind;
        }
        let shape = match written {
            "string" => Shape::Text,
            "integer" => Shape::Integer,
            "number" => Shape::Number,
            "boolean" => Shape::Boolean,
            "quantity" => Shape::Quantity,
            "int-or-string" => Shape::IntOrString,
            _ => match (written.strip_prefix('['), written.strip_prefix('{')) {
                (Some(items), _) => Shape::List(self.interned(items)),
                (_, Some(values)) => Shape::Map(self.interned(values)),
                _ => Shape::Any,
            },
        };
        self.add(written, shape)
    }

    /// What in a workload of this `apiVersion` is no field of Kubernetes', or of another type; twenty at most. A
    /// version that is gone has no schema. What cannot be read at all is told by who reads it.
    pub fn faults<'de, D: Deserializer<'de>>(
        &self,
        kind: WorkloadKind,
        version: &str,
        deserializer: D,
    ) -> Vec<SchemaFault> {
        let mut faults = Vec::new();
        if version != kind.api_version() {
            return faults;
        }
        let Some(kind) = self.types.get(definition(kind)).copied() else {
            return faults;
        };
        let walk = walk::Walk {
            schema: self,
            kind,
            at: &walk::Path::ROOT,
            faults: &mut faults,
        };
        // A document that breaks off was walked up to there.
        let _ = walk.deserialize(deserializer);
        faults
    }

    /// What a type is made of.
    pub(crate) fn shape(&self, kind: Type) -> Shape {
        self.shapes[kind.0]
    }

    /// The type that the table writes so.
    pub(crate) fn named(&self, definition: &str) -> Option<Type> {
        self.types.get(definition).copied()
    }

    /// The type of a field, by the place of its definition.
    pub(crate) fn field(&self, definition: usize, name: &str) -> Option<Type> {
        self.definitions[definition].fields.get(name).copied()
    }

    /// A definition's name without its group: `Container`.
    pub(crate) fn title(&self, definition: usize) -> &'static str {
        title(self.definitions[definition].name)
    }

    /// The field of one of some definitions that may have been meant.
    pub(crate) fn nearest(&self, definitions: &[usize], written: &str) -> Option<&'static str> {
        let fields = definitions
            .iter()
            .flat_map(|definition| self.definitions[*definition].fields.keys());
        nearest(fields.copied(), written)
    }
}

/// The definition that has a field, the field's name and its type.
fn columns(line: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (definition, rest) = line.split_once('\t')?;
    let (field, written) = rest.split_once('\t')?;
    Some((definition, field, written))
}

/// The name of a workload's definition.
pub fn definition(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment => "apps.v1.Deployment",
        WorkloadKind::StatefulSet => "apps.v1.StatefulSet",
        WorkloadKind::DaemonSet => "apps.v1.DaemonSet",
        WorkloadKind::ReplicaSet => "apps.v1.ReplicaSet",
        WorkloadKind::Job => "batch.v1.Job",
        WorkloadKind::CronJob => "batch.v1.CronJob",
        WorkloadKind::Pod => "core.v1.Pod",
    }
}

/// The definitions of a kind that is no workload, one for each version in which its objects may be written; none of a
/// kind that the table does not have.
pub fn definitions_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Namespace => &["core.v1.Namespace"],
        Kind::Service => &["core.v1.Service"],
        Kind::ServiceAccount => &["core.v1.ServiceAccount"],
        Kind::ConfigMap => &["core.v1.ConfigMap"],
        Kind::PersistentVolumeClaim => &["core.v1.PersistentVolumeClaim"],
        Kind::LimitRange => &["core.v1.LimitRange"],
        Kind::ResourceQuota => &["core.v1.ResourceQuota"],
        Kind::Ingress => &["networking.v1.Ingress"],
        Kind::NetworkPolicy => &["networking.v1.NetworkPolicy"],
        Kind::PodDisruptionBudget => &["policy.v1.PodDisruptionBudget"],
        Kind::HorizontalPodAutoscaler => &[
            "autoscaling.v1.HorizontalPodAutoscaler",
            "autoscaling.v2.HorizontalPodAutoscaler",
        ],
        _ => &[],
    }
}

/// The field that may have been meant.
fn nearest(fields: impl Iterator<Item = &'static str>, written: &str) -> Option<&'static str> {
    if written.len() > LONGEST_NAME {
        return None;
    }
    let lower = written.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&known.to_lowercase(), &lower);
    let (distance, name) = fields.map(|known| (distance(known), known)).min()?;
    (distance <= 1 + written.chars().count() / 4).then_some(name)
}

/// `Container` for `core.v1.Container`.
fn title(definition: &'static str) -> &'static str {
    definition.rsplit('.').next().unwrap_or(definition)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Schema;
    use crate::api::vocabulary::WorkloadKind;

    fn told(kind: WorkloadKind, document: &Value) -> Vec<(String, String)> {
        let faults = Schema::kubernetes().faults(kind, kind.api_version(), document);
        faults
            .into_iter()
            .map(|fault| (fault.pointer.to_string(), fault.message))
            .collect()
    }

    #[test]
    fn a_field_that_is_none_is_told_with_the_one_that_may_be_meant() {
        let document = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "labels": {"any": "thing"}},
            "spec": {"containers": [{"name": "web", "readinesProbe": {}, "zebra": 1}]},
        });
        let at = |field: &str| format!("/spec/containers/0/{field}");
        assert_eq!(
            told(WorkloadKind::Pod, &document),
            [
                (
                    at("readinesProbe"),
                    "has readinesProbe, which is no field of Container; did you mean readinessProbe?".to_owned()
                ),
                (at("zebra"), "has zebra, which is no field of Container".to_owned()),
            ]
        );
    }

    #[test]
    fn a_value_of_another_type_is_told() {
        let document = json!({
            "spec": {
                "replicas": "3",
                "paused": 1,
                "template": {"spec": {
                    "containers": {"name": "web"},
                    "nodeSelector": {"gpu": true},
                    "terminationGracePeriodSeconds": 1.5,
                }},
            },
        });
        let mut told = told(WorkloadKind::Deployment, &document);
        told.sort();
        let pod = |field: &str| format!("/spec/template/spec/{field}");
        assert_eq!(
            told,
            [
                (
                    "/spec/paused".to_owned(),
                    "has a number where true or false is wanted".to_owned()
                ),
                (
                    "/spec/replicas".to_owned(),
                    "has a text where a whole number is wanted".to_owned()
                ),
                (
                    pod("containers"),
                    "has a mapping where a list is wanted".to_owned()
                ),
                (
                    pod("nodeSelector/gpu"),
                    "has true or false where a text is wanted".to_owned()
                ),
                (
                    pod("terminationGracePeriodSeconds"),
                    "has a fraction where a whole number is wanted".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn quantities_ports_and_nothing_may_be_written_in_their_ways() {
        let document = json!({
            "metadata": {"name": "web", "creationTimestamp": null},
            "spec": {"containers": [{
                "name": "web",
                "resources": {"limits": {"cpu": 1, "memory": "1Gi", "vendor/gpu": 0.5}},
                "readinessProbe": {"httpGet": {"port": "http"}},
                "livenessProbe": {"httpGet": {"port": 80}},
                "securityContext": null,
            }]},
        });
        assert_eq!(told(WorkloadKind::Pod, &document), []);
    }

    #[test]
    fn what_is_no_mapping_has_no_faults_to_tell_but_itself() {
        assert_eq!(told(WorkloadKind::Pod, &Value::Null), []);
        assert_eq!(told(WorkloadKind::Pod, &json!([])).len(), 1);
    }

    #[test]
    fn no_more_than_twenty_are_told() {
        let fields: serde_json::Map<String, Value> = (0..100)
            .map(|number| (format!("x{number}"), Value::Null))
            .collect();
        let document = json!({"spec": fields});
        assert_eq!(told(WorkloadKind::Pod, &document).len(), 20);
    }
}
