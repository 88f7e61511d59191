//! Everything that was read to one list of reports: what `prodready audit` prints in any format.

mod exceptions;

use std::sync::Arc;

use jiff::Timestamp;
use prodready_engine::{
    api::{
        report::{Location, ReadinessReport, SeverityCounts},
        report_list::{AuditSummary, InputError as ListedError, ReadinessReportList},
        vocabulary::Verdict,
    },
    checks,
    exception::{Effect, judge},
    fix::{self, Edit},
    object::{Kind, Workload, resource::Whole},
    policy::{Candidate, Policy, PolicySet, whole_for},
    report::{self, Extent},
    score::score,
    surroundings::Cluster,
};
use rayon::prelude::*;

use crate::input::{Document, InputError, Loaded, Place, Subject};

/// By which policy workloads are judged.
#[derive(Clone, Debug)]
pub enum Judges {
    /// All by this one, whatever it selects: who asks for a policy by name means it.
    One(Box<Policy>),
    /// Each by the one that governs it, as the operator does.
    Governing(Box<PolicySet>),
}

/// What an audit came to.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The reports.
    pub list: ReadinessReportList,
    /// How many workloads no policy governs; they have no report.
    pub ungoverned: usize,
    /// What is to be said about exceptions that are not in force, fit nothing or end soon.
    pub notes: Vec<String>,
}

/// Judges everything that was read as of a moment, in parallel; the reports are in the order of the subjects.
pub fn audit(loaded: &Loaded<'_>, judges: &Judges, now: Timestamp) -> Audit {
    let reports: Vec<Option<Reported>> = loaded
        .subjects
        .par_iter()
        .map(|subject| {
            let policy = judges.policy(&loaded.cluster, &subject.workload)?;
            Some(report(&loaded.cluster, subject, policy, now))
        })
        .collect();
    let asked = reports.len();
    let (mut items, mut effects): (Vec<_>, Vec<_>) = reports.into_iter().flatten().unzip();
    let ungoverned = asked - items.len();
    let summary = summary(&items);
    let namespaces: Vec<Option<Reported>> = loaded
        .namespaces
        .par_iter()
        .map(|namespace| namespace_report(loaded, namespace, judges, now))
        .collect();
    for (report, of_namespace) in namespaces.into_iter().flatten() {
        items.push(report);
        effects.push(of_namespace);
    }
    let exceptions = exceptions::listed(&loaded.cluster, judges, &items, &effects, now);
    let notes = exceptions::notes(&exceptions);
    let errors = loaded.errors.iter().map(listed).collect();
    let mut list = ReadinessReportList::new(items, summary, errors);
    list.exceptions = exceptions;
    Audit {
        list,
        ungoverned,
        notes,
    }
}

/// A report, and what exceptions do in it.
type Reported = (ReadinessReport, Vec<Effect>);

impl Judges {
    /// Whether any of them asks a check, or might a rule of this id.
    fn asks(&self, id: &str) -> bool {
        let asks = |policy: &Policy| {
            let is_rule = checks::find(id).is_none();
            policy.settings.iter().any(|own| own.check.id == id) || is_rule && !policy.narrowed
        };
        match self {
            Self::One(policy) => asks(policy),
            Self::Governing(policies) => policies.iter().any(asks),
        }
    }

    /// What the policies' rules read as it was written.
    pub fn reads_whole(&self) -> Whole {
        match self {
            Self::One(policy) => whole_for([policy.as_ref()]),
            Self::Governing(policies) => whole_for(policies.iter()),
        }
    }

    /// The policy that judges a namespace itself.
    pub fn namespace_policy(&self, cluster: &Cluster, namespace: &str) -> Option<&Policy> {
        match self {
            Self::One(policy) => Some(policy),
            Self::Governing(policies) => {
                let labels = cluster.around(namespace).namespace_labels();
                policies.governing_namespace(namespace, &labels)
            }
        }
    }

    /// The policy that judges a workload.
    pub fn policy(&self, cluster: &Cluster, workload: &Arc<Workload>) -> Option<&Policy> {
        match self {
            Self::One(policy) => Some(policy),
            Self::Governing(policies) => {
                let namespace = workload.metadata.namespace.as_str();
                let candidate = Candidate {
                    kind: workload.kind,
                    labels: &workload.metadata.labels,
                    namespace,
                };
                let labels = cluster.around(namespace).namespace_labels();
                policies.governing(candidate, &labels)
            }
        }
    }
}

/// The report on a namespace itself. Among files a namespace is worth one only where it is there, or where
/// something in it is wrong.
fn namespace_report(
    loaded: &Loaded<'_>,
    namespace: &str,
    judges: &Judges,
    now: Timestamp,
) -> Option<Reported> {
    let policy = judges.namespace_policy(&loaded.cluster, namespace)?;
    let around = loaded.cluster.around(namespace);
    let subject = prodready_engine::subject::Subject::Namespace(namespace);
    let judgement = judge(subject, around, policy, now);
    let is_there = around.namespace_object().known().is_some();
    let runs_something = around.workloads().next().is_some();
    let is_wrong =
        judgement.findings().next().is_some() || !judgement.exceptions.forgiven.is_empty();
    if !(is_there && runs_something || is_wrong) {
        return None;
    }
    let scored = score(&judgement, policy.thresholds);
    let mut status = report::status(subject, policy, &judgement, &scored, Extent::Full);
    let objects = judgement.findings().map(|(question, finding)| {
        let object = finding.fault.object.as_ref();
        (question.id(), finding.fault.pointer.to_string(), object)
    });
    for (check, pointer, object) in objects {
        let place = match object {
            Some(object) => loaded.place(object.kind, namespace, &object.name),
            None => loaded.place(Kind::Namespace, "", namespace),
        };
        let named = object.map(ToString::to_string);
        let meant = status.findings.iter_mut().find(|finding| {
            finding.check == check && finding.object == named && finding.pointer == pointer
        });
        if let (Some(finding), Some(document)) = (meant, place) {
            finding.location = Some(location(document, &pointer));
        }
    }
    let mut report = ReadinessReport::new(&subject.report_name(), report::spec(subject, policy));
    report.metadata.namespace = Some(namespace.to_owned());
    report.status = Some(status);
    Some((report, judgement.exceptions.effects))
}

fn report(cluster: &Cluster, subject: &Subject<'_>, policy: &Policy, now: Timestamp) -> Reported {
    let workload = &subject.workload;
    let namespace = workload.metadata.namespace.as_str();
    let judgement = judge(workload, cluster.around(namespace), policy, now);
    let scored = score(&judgement, policy.thresholds);
    let status = match &subject.place {
        Place::Cluster => report::status(workload, policy, &judgement, &scored, Extent::Full),
        Place::File(document) => {
            let patched = |edits: &[Edit]| fix::patch(document.written(), edits);
            let mut status = report::status_patched_by(
                patched,
                workload,
                policy,
                &judgement,
                &scored,
                Extent::Full,
            );
            for finding in &mut status.findings {
                finding.location = Some(location(document, &finding.pointer));
            }
            status
        }
    };
    let name = report::name(workload.kind.as_str(), workload.name());
    let mut report = ReadinessReport::new(&name, report::spec(workload, policy));
    report.metadata.namespace = Some(namespace.to_owned());
    report.status = Some(status);
    (report, judgement.exceptions.effects)
}

fn location(document: &Document<'_>, pointer: &str) -> Location {
    let at = document.locate(pointer);
    Location {
        file: Arc::clone(document.file),
        line: whole(at.line),
        column: whole(at.column),
    }
}

fn summary(reports: &[ReadinessReport]) -> AuditSummary {
    let statuses = || reports.iter().filter_map(|report| report.status.as_ref());
    let ready = statuses()
        .filter(|status| matches!(status.verdict, Verdict::Ready | Verdict::ReadyForScale));
    let scores: Vec<i64> = statuses()
        .filter_map(|status| status.score.map(i64::from))
        .collect();
    let mean = scores.iter().sum::<i64>() / i64::try_from(scores.len().max(1)).unwrap_or(i64::MAX);
    let mut findings = SeverityCounts::default();
    let mut forgiven = 0;
    for status in statuses() {
        forgiven += status.forgiven.unwrap_or(0);
        findings.critical += status.summary.critical;
        findings.high += status.summary.high;
        findings.medium += status.summary.medium;
        findings.low += status.summary.low;
    }
    AuditSummary {
        workloads: whole(reports.len()),
        ready: whole(ready.count()),
        score: (!scores.is_empty()).then(|| whole(mean)),
        findings,
        forgiven,
    }
}

fn listed(error: &InputError) -> ListedError {
    ListedError {
        file: error.file().to_owned(),
        line: error.line().map(whole),
        column: error.column().map(whole),
        message: error.message(),
    }
}

/// Lines, columns and counts are 32 bits on the wire.
fn whole(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
