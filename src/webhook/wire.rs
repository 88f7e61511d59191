//! AdmissionReview as it goes over the wire (`admission.k8s.io/v1`).

use std::{borrow::Cow, collections::BTreeMap};

use k8s_openapi::ByteString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const API_VERSION: &str = "admission.k8s.io/v1";

/// Why a request could not be answered as an AdmissionReview.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// The body is no AdmissionReview.
    #[error("the body is no AdmissionReview: {0}")]
    Json(#[from] serde_json::Error),
    /// The review is of another kind or version.
    #[error("expected kind AdmissionReview of {API_VERSION}, found {kind} of {api_version}")]
    Version {
        /// What was found.
        api_version: String,
        /// What was found.
        kind: String,
    },
    /// The review holds no request.
    #[error("the AdmissionReview has no request")]
    NoRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review<'a> {
    #[serde(borrow, default)]
    pub(super) api_version: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) request: Option<Request<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) uid: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kind: GroupVersionKind<'a>,
    #[serde(borrow)]
    pub(super) resource: GroupVersionResource<'a>,
    #[serde(borrow)]
    pub(super) sub_resource: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) namespace: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) object: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) old_object: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) operation: Cow<'a, str>,
    pub(super) dry_run: Option<bool>,
    #[serde(borrow, default)]
    pub(super) user_info: UserInfo<'a>,
}

#[derive(Default, Deserialize)]
pub(super) struct UserInfo<'a> {
    #[serde(borrow, default)]
    pub(super) username: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct GroupVersionKind<'a> {
    #[serde(borrow)]
    pub(super) group: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) version: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct GroupVersionResource<'a> {
    #[serde(borrow)]
    pub(super) resource: Cow<'a, str>,
}

impl<'a> Request<'a> {
    /// The request of a review.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let review: Review<'_> = serde_json::from_slice(body)?;
        if review.api_version != API_VERSION || review.kind != "AdmissionReview" {
            let (api_version, kind) = (review.api_version.into_owned(), review.kind.into_owned());
            return Err(Malformed::Version { api_version, kind });
        }
        review.request.ok_or(Malformed::NoRequest)
    }

    /// Group and version of the object.
    pub(super) fn api_version(&self) -> String {
        match self.kind.group.as_ref() {
            "" => self.kind.version.to_string(),
            group => format!("{group}/{}", self.kind.version),
        }
    }

    /// The answer that keeps the object from being stored, without causes.
    pub(super) fn refused(&self, message: String) -> Response<'_> {
        let status = Status {
            code: 403,
            reason: "Forbidden",
            message,
            details: Details { causes: Vec::new() },
        };
        Response {
            allowed: false,
            status: Some(status),
            ..self.allowed()
        }
    }

    /// The answer that lets the object be stored.
    pub(super) fn allowed(&self) -> Response<'_> {
        Response {
            uid: &self.uid,
            allowed: true,
            status: None,
            patch_type: None,
            patch: None,
            warnings: Vec::new(),
            audit_annotations: BTreeMap::new(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) response: Response<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response<'a> {
    pub(super) uid: &'a str,
    pub(super) allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Status>,
    /// `JSONPatch` where there is a patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch: Option<ByteString>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) audit_annotations: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
pub(super) struct Status {
    pub(super) code: u16,
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) details: Details,
}

#[derive(Serialize)]
pub(super) struct Details {
    pub(super) causes: Vec<Cause>,
}

#[derive(Serialize)]
pub(super) struct Cause {
    pub(super) reason: String,
    pub(super) message: String,
    pub(super) field: String,
}

impl Response<'_> {
    /// The whole AdmissionReview.
    pub(super) fn written(self) -> Result<Vec<u8>, Malformed> {
        let reply = Reply {
            api_version: API_VERSION,
            kind: "AdmissionReview",
            response: self,
        };
        Ok(serde_json::to_vec(&reply)?)
    }
}
