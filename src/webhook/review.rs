//! AdmissionReview in, AdmissionReview out (`admission.k8s.io/v1`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use prodready_engine::{
    api::vocabulary::{Mode, WorkloadKind},
    checks,
    gate::{Case, Decided, Decision, Denial, Reach, SPELT_OUT, decide, decide_scale},
    object::{Original, Workload, resource::Known},
    policy::Policy,
};
use serde::Deserialize;
use serde_json::value::RawValue;

pub use super::wire::Malformed;
use super::{
    entry::Entry,
    wire::{Cause, Details, Request, Response, Status},
};
use crate::snapshot::Snapshot;

/// An answer, ready to be sent, and what is worth a log line and a count.
#[derive(Debug)]
pub struct Answered {
    /// The AdmissionReview with the response.
    pub body: Vec<u8>,
    /// What was decided.
    pub record: Record,
    /// Who was let past what would have been denied.
    pub passage: Option<Passage>,
}

/// Somebody with the verb `breakglass` who stored what would have been denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The account.
    pub user: String,
    /// Group and version of what was stored.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name; empty where the API server makes one up.
    pub name: String,
    /// Why it would have been denied, in one line.
    pub why: String,
}

/// What is worth a log line and a count. Never the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The entry by which it came: `enforce`, `warn`, `breakglass` or `defaults`.
    pub entry: &'static str,
    /// `allowed`, `warned`, `denied`, `passed` where a denial did not count, or `filled` where something was filled in.
    pub decision: &'static str,
    /// The kind asked about, where it is one of ours; else `other`.
    pub kind: &'static str,
    /// CREATE or UPDATE.
    pub operation: String,
    /// The namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// The policy that governed, where one did.
    pub policy: Option<String>,
    /// How many findings there are; of what was filled in, how many fields.
    pub findings: usize,
    /// Whether nothing was to be stored.
    pub dry_run: bool,
}

/// Answers one AdmissionReview that came by the entry of a mode. Each entry speaks for the policies of its
/// mode: what two entries send is judged once. `docs` is where the checks are explained.
pub fn answer(
    body: &[u8],
    entry: Entry,
    snapshot: &Snapshot,
    docs: Option<&str>,
) -> Result<Answered, Malformed> {
    let request = Request::read(body)?;
    let mut judged = judged(&request, entry, snapshot);
    let passed = match entry {
        Entry::Breakglass => let_past(&mut judged),
        Entry::Enforce | Entry::Warn | Entry::Defaults | Entry::Probe => None,
    };
    let mut record = record(&request, entry, &judged);
    if passed.is_some() {
        record.decision = "passed";
    }
    // What is not stored is nobody's passage.
    let passed = passed.filter(|_| !record.dry_run);
    let passage = passed.map(|why| passage(&request, why));
    let body = response(&request, judged, docs).written()?;
    Ok(Answered {
        body,
        record,
        passage,
    })
}

/// What came of a request.
enum Judged {
    /// Nothing here has a say in it, with why where that is worth telling.
    Passed(Option<String>),
    /// A policy governs it.
    Decided {
        kind: WorkloadKind,
        policy: String,
        decided: Decided,
    },
}

/// Turns a denial into warnings, and says what it was.
fn let_past(judged: &mut Judged) -> Option<String> {
    let Judged::Decided { decided, .. } = judged else {
        return None;
    };
    let Decision::Denied(denial) = &decided.decision else {
        return None;
    };
    let mut warnings = denial.warnings();
    let why = warnings.first().cloned();
    let told = "stored all the same by the right to breakglass; this is noted with your name";
    warnings.insert(0, told.to_owned());
    decided.decision = Decision::Allowed { warnings };
    why
}

fn passage(request: &Request<'_>, why: String) -> Passage {
    Passage {
        user: request.user_info.username.to_string(),
        api_version: request.api_version(),
        kind: request.kind.kind.to_string(),
        namespace: request.namespace.to_string(),
        name: request.name.to_string(),
        why,
    }
}

fn judged(request: &Request<'_>, entry: Entry, snapshot: &Snapshot) -> Judged {
    match request.sub_resource.as_deref() {
        None | Some("") => workload(request, entry, snapshot),
        Some("scale") => scale(request, entry, snapshot),
        Some(_) => Judged::Passed(None),
    }
}

fn workload(request: &Request<'_>, entry: Entry, snapshot: &Snapshot) -> Judged {
    let (Some(Known::Workload(kind)), Some(object)) = (
        Known::find(&request.api_version(), &request.kind.kind),
        request.object,
    ) else {
        return Judged::Passed(None);
    };
    let workload = Workload::read(kind, &mut serde_json::Deserializer::from_str(object.get()));
    let mut workload = match workload {
        Ok(workload) => workload,
        // The API server has checked the object already: what is not understood is not denied.
        Err(err) => return Judged::Passed(Some(format!("not judged: {err}"))),
    };
    match governing(&workload, request, entry, snapshot) {
        None => Judged::Passed(None),
        Some(policy) => {
            keep_original(&mut workload, object, policy);
            let around = snapshot.cluster.around(&request.namespace);
            let case = Case {
                workload: &workload,
                surroundings: around,
                policy,
                reach: reach(&workload),
                now: Timestamp::now(),
            };
            let decided = decide(&case, || old(kind, request, policy));
            Judged::Decided {
                kind,
                policy: policy.name.to_string(),
                decided,
            }
        }
    }
}

/// The policy that governs, where the entry speaks for it. A policy whose date may have come since the entries
/// were written is spoken for by both: the gate denies on time, whatever the API server knows yet.
fn governing<'a>(
    workload: &Workload,
    request: &Request<'_>,
    entry: Entry,
    snapshot: &'a Snapshot,
) -> Option<&'a Policy> {
    let policy = snapshot.governing(workload, &request.namespace)?;
    let enforcement = &policy.enforcement;
    let has_date = enforcement.mode == Mode::Enforce && enforcement.from.is_some();
    (Some(enforcement.mode) == entry.mode() || has_date).then_some(policy)
}

/// The object as it was before an update. One that cannot be read has no past: all its faults are new.
fn old(kind: WorkloadKind, request: &Request<'_>, policy: &Policy) -> Option<Workload> {
    let old = request.old_object?;
    let read = Workload::read(kind, &mut serde_json::Deserializer::from_str(old.get()));
    let mut workload = read.ok()?;
    keep_original(&mut workload, old, policy);
    Some(workload)
}

/// Keeps the object as it was sent, where rules ask about it.
fn keep_original(workload: &mut Workload, sent: &RawValue, policy: &Policy) {
    if policy.reads_whole_workloads() {
        workload.metadata.original = serde_json::from_str(sent.get()).ok().map(Original::of);
    }
}

/// Objects of an owner whose kind nobody here knows are warned about at most. An owner of a known kind
/// changes nothing: what its controller makes never arrives, and anybody else's claim proves nothing.
pub fn reach(workload: &Workload) -> Reach {
    let known = |kind: &str| WorkloadKind::ALL.iter().any(|known| known.as_str() == kind);
    match workload.metadata.controller() {
        Some(owner) if !known(&owner.kind) => Reach::WarnAtMost,
        _ => Reach::Policy,
    }
}

#[derive(Deserialize)]
struct Scale {
    #[serde(default)]
    spec: ScaleSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ScaleSpec {
    replicas: i64,
}

/// A Scale object holds neither template nor labels: it is judged together with its parent, from memory.
fn scale(request: &Request<'_>, entry: Entry, snapshot: &Snapshot) -> Judged {
    let kind = WorkloadKind::ALL
        .into_iter()
        .find(|kind| kind.plural() == request.resource.resource);
    let (Some(kind), Some(object)) = (kind, request.object) else {
        return Judged::Passed(None);
    };
    let Ok(scale) = serde_json::from_str::<Scale>(object.get()) else {
        return Judged::Passed(None);
    };
    let Some(parent) = snapshot
        .cluster
        .workload(kind, &request.namespace, &request.name)
    else {
        return Judged::Passed(None);
    };
    match governing(parent, request, entry, snapshot) {
        None => Judged::Passed(None),
        Some(policy) => {
            let around = snapshot.cluster.around(&request.namespace);
            let case = Case {
                workload: parent,
                surroundings: around,
                policy,
                reach: Reach::Policy,
                now: Timestamp::now(),
            };
            let decided = decide_scale(&case, scale.spec.replicas);
            Judged::Decided {
                kind,
                policy: policy.name.to_string(),
                decided,
            }
        }
    }
}

fn record(request: &Request<'_>, entry: Entry, judged: &Judged) -> Record {
    let (decision, kind, policy, findings) = match judged {
        Judged::Passed(_) => ("allowed", "other", None, 0),
        Judged::Decided {
            kind,
            policy,
            decided,
        } => {
            let decision = match &decided.decision {
                Decision::Allowed { warnings } if warnings.is_empty() => "allowed",
                Decision::Allowed { .. } => "warned",
                Decision::Denied(_) => "denied",
            };
            (
                decision,
                kind.as_str(),
                Some(policy.clone()),
                decided.findings,
            )
        }
    };
    Record {
        decision,
        kind,
        policy,
        findings,
        ..Record::allowed(request, entry)
    }
}

impl Record {
    /// Of a request in which nothing here has a say.
    pub(super) fn allowed(request: &Request<'_>, entry: Entry) -> Self {
        Self {
            entry: entry.word(),
            decision: "allowed",
            kind: "other",
            operation: request.operation.to_string(),
            namespace: request.namespace.to_string(),
            name: request.name.to_string(),
            policy: None,
            findings: 0,
            dry_run: request.dry_run.unwrap_or(false),
        }
    }
}

fn response<'a>(request: &'a Request<'_>, judged: Judged, docs: Option<&str>) -> Response<'a> {
    let allowed = request.allowed();
    match judged {
        Judged::Passed(None) => allowed,
        Judged::Passed(Some(why)) => Response {
            audit_annotations: BTreeMap::from([("decision", why)]),
            ..allowed
        },
        Judged::Decided {
            policy, decided, ..
        } => {
            let audit_annotations = annotations(policy, &decided);
            match decided.decision {
                Decision::Allowed { warnings } => Response {
                    warnings,
                    audit_annotations,
                    ..allowed
                },
                Decision::Denied(denial) => Response {
                    allowed: false,
                    status: Some(status(*denial, docs)),
                    audit_annotations,
                    ..allowed
                },
            }
        }
    }
}

fn annotations(policy: String, decided: &Decided) -> BTreeMap<&'static str, String> {
    let mut annotations = BTreeMap::from([
        ("policy", policy),
        ("findings", decided.findings.to_string()),
    ]);
    if let Some(score) = decided.score {
        annotations.insert("score", score.to_string());
    }
    annotations
}

/// With reason `Invalid` kubectl would print the causes and drop the message.
fn status(denial: Denial, docs: Option<&str>) -> Status {
    let links = docs.map_or_else(String::new, |base| links(&denial, base));
    let causes = denial.causes.into_iter();
    let causes = causes.map(|cause| Cause {
        reason: cause.reason,
        message: cause.message,
        field: cause.field,
    });
    Status {
        code: 403,
        reason: "Forbidden",
        message: format!("{}{links}", denial.message),
        details: Details {
            causes: causes.collect(),
        },
    }
}

/// Where to read about the checks of a denial, each once, as many as it spells out. A policy's own rule has no page.
fn links(denial: &Denial, base: &str) -> String {
    let mut named: Vec<&str> = Vec::new();
    for cause in &denial.causes {
        let id = cause.reason.as_str();
        if checks::find(id).is_some() && !named.contains(&id) {
            named.push(id);
        }
    }
    if named.is_empty() {
        return String::new();
    }
    let base = base.trim_end_matches('/');
    let links = named.iter().take(SPELT_OUT);
    let links: Vec<String> = links.map(|check| format!("{base}/{check}")).collect();
    format!(
        "\nWhat these checks ask, and why:\n  {}",
        links.join("\n  ")
    )
}
