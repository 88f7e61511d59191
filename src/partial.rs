//! How objects are asked of the API server: whole, or only the part that is read, where the rest must not be held
//! or is too much to.

use std::{borrow::Cow, fmt::Debug};

use kube::{
    Resource,
    api::{ApiResource, DynamicObject, ObjectMeta, PartialObjectMeta},
    core::DynamicResourceScope,
};
use prodready_engine::object::{Kind, resource::Known, scan::Sbom};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

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

    /// The same as an object without a form of its own.
    fn object(self) -> DynamicObject;
}

impl Form for DynamicObject {
    fn object(self) -> DynamicObject {
        self
    }
}

impl Form for Named {
    fn object(self) -> DynamicObject {
        DynamicObject {
            types: None,
            metadata: self.metadata,
            data: json!({}),
        }
    }
}

/// What is read of an SbomReport. A whole one lists every package of an image in a megabyte and more, which is skipped
/// as it arrives.
#[derive(Clone, Debug, Deserialize)]
pub struct Bill {
    metadata: ObjectMeta,
    #[serde(default)]
    report: Sbom,
}

impl Resource for Bill {
    type DynamicType = ApiResource;
    type Scope = DynamicResourceScope;

    fn group(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::group(resource)
    }

    fn version(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::version(resource)
    }

    fn kind(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::kind(resource)
    }

    fn plural(resource: &ApiResource) -> Cow<'_, str> {
        DynamicObject::plural(resource)
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl Form for Bill {
    const PAGE: Option<u32> = Some(10);

    fn object(self) -> DynamicObject {
        DynamicObject {
            types: None,
            metadata: self.metadata,
            data: json!({"report": self.report}),
        }
    }
}

/// Which objects of a kind are asked for, as a field selector; all of them where there is none. Helm keeps its releases
/// in Secrets, ten for each, with which no image is pulled.
pub fn selected(known: Known) -> Option<&'static str> {
    (known == Known::Surrounding(Kind::Secret)).then_some("type!=helm.sh/release.v1")
}
