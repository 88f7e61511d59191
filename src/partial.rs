//! How objects are asked of the API server: whole, or only the part that is read, where the rest must not be held
//! or is too much to. Of none is it read who wrote which field: as JSON values that takes more than all the rest.

use std::{borrow::Cow, fmt::Debug};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Resource,
    api::{ApiResource, DynamicObject, ObjectMeta, PartialObjectMeta},
    core::DynamicResourceScope,
};
use prodready_engine::{
    api::report::{ReadinessReport, ReadinessReportSpec, ReadinessReportStatus},
    object::{Kind, resource::Known, scan::Sbom},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny},
};
use serde_json::{Map, Value, json};

/// What comes of a Secret: its metadata. The API server sends nothing else.
pub type Named = PartialObjectMeta<DynamicObject>;

/// A form in which objects are asked for.
pub trait Form:
    Resource<DynamicType = ApiResource, Scope = DynamicResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + 'static
{
    /// The most objects that one answer of a list may hold, where they are so large that the usual number is too many.
    const PAGE: Option<u32> = None;

    /// The same without a form of its own.
    fn object(self) -> Object;
}

/// An object of any kind.
#[derive(Clone, Debug, Deserialize)]
pub struct Object {
    /// Without `managedFields`.
    #[serde(default, deserialize_with = "without_managed_fields")]
    pub metadata: ObjectMeta,
    /// All its other fields.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Object {
    /// Its JSON.
    pub fn into_json(self) -> Result<Value, serde_json::Error> {
        let mut fields = self.fields;
        fields.insert("metadata".to_owned(), serde_json::to_value(self.metadata)?);
        Ok(Value::Object(fields))
    }
}

impl Form for Object {
    fn object(self) -> Object {
        self
    }
}

impl Form for Named {
    fn object(self) -> Object {
        Object {
            metadata: ObjectMeta {
                managed_fields: None,
                ..self.metadata
            },
            fields: Map::new(),
        }
    }
}

/// What is read of an SbomReport. A whole one lists every package of an image in a megabyte and more, which is skipped
/// as it arrives.
#[derive(Clone, Debug, Deserialize)]
pub struct Bill {
    #[serde(deserialize_with = "without_managed_fields")]
    metadata: ObjectMeta,
    #[serde(default)]
    report: Sbom,
}

impl Form for Bill {
    const PAGE: Option<u32> = Some(10);

    fn object(self) -> Object {
        let fields = [("report".to_owned(), json!(self.report))];
        Object {
            metadata: self.metadata,
            fields: fields.into_iter().collect(),
        }
    }
}

/// What is read of a report that is stored.
#[derive(Clone, Debug, Deserialize)]
pub struct StoredReport {
    #[serde(deserialize_with = "without_managed_fields")]
    pub(crate) metadata: ObjectMeta,
    pub(crate) spec: ReadinessReportSpec,
    #[serde(default)]
    pub(crate) status: Option<ReadinessReportStatus>,
}

/// What is read of a CustomResourceDefinition, whose schemas take half a megabyte and more.
#[derive(Clone, Debug, Deserialize)]
pub struct Definition {
    #[serde(deserialize_with = "without_managed_fields")]
    metadata: ObjectMeta,
    pub(crate) spec: Defined,
}

impl Definition {
    /// The most definitions that one answer of a list may hold.
    pub(crate) const PAGE: u32 = 10;
}

/// What a CustomResourceDefinition defines.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Defined {
    pub(crate) group: String,
    pub(crate) names: DefinedNames,
    pub(crate) versions: Vec<DefinedVersion>,
}

/// How a kind is called.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DefinedNames {
    pub(crate) plural: String,
}

/// A version of a kind.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DefinedVersion {
    pub(crate) name: String,
    pub(crate) served: bool,
}

/// Has a form be asked for as the kind that it is a form of.
macro_rules! is_asked_for_as {
    ($form:ty, $kind:ty) => {
        impl Resource for $form {
            type DynamicType = <$kind as Resource>::DynamicType;
            type Scope = <$kind as Resource>::Scope;

            fn group(kind: &Self::DynamicType) -> Cow<'_, str> {
                <$kind>::group(kind)
            }

            fn version(kind: &Self::DynamicType) -> Cow<'_, str> {
                <$kind>::version(kind)
            }

            fn kind(kind: &Self::DynamicType) -> Cow<'_, str> {
                <$kind>::kind(kind)
            }

            fn plural(kind: &Self::DynamicType) -> Cow<'_, str> {
                <$kind>::plural(kind)
            }

            fn meta(&self) -> &ObjectMeta {
                &self.metadata
            }

            fn meta_mut(&mut self) -> &mut ObjectMeta {
                &mut self.metadata
            }
        }
    };
}

is_asked_for_as!(Object, DynamicObject);
is_asked_for_as!(Bill, DynamicObject);
is_asked_for_as!(StoredReport, ReadinessReport);
is_asked_for_as!(Definition, CustomResourceDefinition);

fn without_managed_fields<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<ObjectMeta, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        #[serde(default, rename = "managedFields")]
        _managed_fields: IgnoredAny,
        #[serde(flatten)]
        rest: Map<String, Value>,
    }
    let Metadata { rest, .. } = Metadata::deserialize(deserializer)?;
    ObjectMeta::deserialize(Value::Object(rest)).map_err(D::Error::custom)
}

/// Which objects of a kind are asked for, as a field selector; all of them where there is none. Helm keeps its releases
/// in Secrets, ten for each, with which no image is pulled.
pub fn selected(known: Known) -> Option<&'static str> {
    (known == Known::Surrounding(Kind::Secret)).then_some("type!=helm.sh/release.v1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Definition, Object};

    #[test]
    fn an_object_is_as_it_was_written_but_for_who_wrote_it() {
        let text = r#"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop",
            "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}], "labels": {"app": "cart"}},
            "spec": {"ports": [{"port": 80}]}}"#;
        let object: Object = serde_json::from_str(text).unwrap();
        assert_eq!(object.metadata.name.as_deref(), Some("cart"));
        let left = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}},
            "spec": {"ports": [{"port": 80}]},
        });
        assert_eq!(object.into_json().unwrap(), left);
    }

    #[test]
    fn an_object_without_metadata_is_one() {
        let object: Object = serde_json::from_str(r#"{"data": {"a": "b"}}"#).unwrap();
        let left = json!({"metadata": {}, "data": {"a": "b"}});
        assert_eq!(object.into_json().unwrap(), left);
    }

    #[test]
    fn a_definition_says_what_it_defines() {
        let text = r#"{"metadata": {"name": "rollouts.argoproj.io"}, "spec": {"group": "argoproj.io",
            "names": {"plural": "rollouts", "kind": "Rollout"}, "scope": "Namespaced",
            "versions": [{"name": "v1alpha1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {}}}]}}"#;
        let definition: Definition = serde_json::from_str(text).unwrap();
        assert_eq!(definition.spec.names.plural, "rollouts");
        assert!(definition.spec.versions[0].served);
    }
}
