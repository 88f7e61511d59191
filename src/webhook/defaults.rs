//! What the API server asks before it asks whether an object may be stored: whether anything is to be filled in.
//!
//! Nothing is ever refused here, and whatever goes wrong, the object stays as it was sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::ByteString;
use prodready_engine::{
    api::vocabulary::{Mode, WorkloadKind},
    gate::{Case, Filled, fill_in, fills_in},
    object::{Workload, resource::Known},
};
use serde_json::{Value, value::RawValue};

use super::{
    entry::Entry,
    review::{Answered, Malformed, Record, reach},
    wire::{Request, Response},
};
use crate::snapshot::Snapshot;

/// What a record says where something was filled in.
pub(super) const FILLED: &str = "filled";

/// Answers one AdmissionReview that came by the entry for defaults.
pub fn answer(body: &[u8], snapshot: &Snapshot) -> Result<Answered, Malformed> {
    let request = Request::read(body)?;
    let found = filled(&request, snapshot);
    let record = record(&request, found.as_ref());
    let body = response(&request, found)?.written()?;
    Ok(Answered {
        body,
        record,
        passage: None,
    })
}

/// What was filled in, by which policy.
struct Found {
    kind: WorkloadKind,
    policy: String,
    filled: Filled,
}

fn filled(request: &Request<'_>, snapshot: &Snapshot) -> Option<Found> {
    let known = Known::find(&request.api_version(), &request.kind.kind);
    let (Some(Known::Workload(kind)), Some(object)) = (known, request.object) else {
        return None;
    };
    if request
        .sub_resource
        .as_deref()
        .is_some_and(|sub| !sub.is_empty())
    {
        return None;
    }
    let workload = Workload::read(kind, &mut serde_json::Deserializer::from_str(object.get()));
    let workload = workload.ok()?;
    let policy = snapshot.governing(&workload, &request.namespace)?;
    let now = Timestamp::now();
    if policy.defaults.is_empty() || policy.enforcement.mode_at(now) == Mode::Audit {
        return None;
    }
    let object = tree(object)?;
    let old = match request.old_object {
        Some(old) => Some(tree(old)?),
        None => None,
    };
    if !fills_in(kind, &object, old.as_ref()) {
        return None;
    }
    let case = Case {
        workload: &workload,
        surroundings: snapshot.cluster.around(&request.namespace),
        policy,
        reach: reach(&workload),
        now,
    };
    let filled = fill_in(&case, object)?;
    let policy = policy.name.to_string();
    Some(Found {
        kind,
        policy,
        filled,
    })
}

fn tree(sent: &RawValue) -> Option<Value> {
    serde_json::from_str(sent.get()).ok()
}

fn record(request: &Request<'_>, found: Option<&Found>) -> Record {
    let allowed = Record::allowed(request, Entry::Defaults);
    let Some(found) = found else {
        return allowed;
    };
    Record {
        decision: FILLED,
        kind: found.kind.as_str(),
        policy: Some(found.policy.clone()),
        findings: found.filled.added.len(),
        ..allowed
    }
}

fn response<'a>(request: &'a Request<'_>, found: Option<Found>) -> Result<Response<'a>, Malformed> {
    let allowed = request.allowed();
    let Some(Found { policy, filled, .. }) = found else {
        return Ok(allowed);
    };
    let checks: Vec<&str> = filled.checks().into_iter().collect();
    Ok(Response {
        patch_type: Some("JSONPatch"),
        patch: Some(ByteString(serde_json::to_vec(&filled.patch)?)),
        warnings: filled.warnings(&policy),
        audit_annotations: BTreeMap::from([("filled-in", checks.join(", ")), ("policy", policy)]),
        ..allowed
    })
}
