//! What an audit says about the exceptions that it met.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use prodready_engine::{
    api::{
        condition::{Condition, ConditionStatus},
        exception::ReadinessExceptionStatus,
        report::ReadinessReport,
        report_list::ListedException,
    },
    exception::{self, Effect},
    object::exception::ReadinessException,
    surroundings::Cluster,
};

use super::Judges;

/// Every exception of a check that is asked, by namespace and name. `effects` are what exceptions do in each of the
/// reports.
pub(super) fn listed(
    cluster: &Cluster,
    judges: &Judges,
    reports: &[ReadinessReport],
    effects: &[Vec<Effect>],
    now: Timestamp,
) -> Vec<ListedException> {
    let told = reports.iter().zip(effects).map(|(report, effects)| {
        let namespace = report.metadata.namespace.as_deref().unwrap_or_default();
        let subject = &report.spec.subject;
        let name = format!("{}/{}", subject.kind, subject.name);
        (namespace, name, effects.as_slice())
    });
    let by_exception = exception::by_exception(told);
    let in_namespace = |namespace| cluster.around(namespace).each::<ReadinessException>();
    cluster
        .namespaces()
        .flat_map(|(namespace, _)| in_namespace(namespace).map(move |found| (namespace, found)))
        .filter(|(_, found)| found.spec.checks.iter().any(|id| judges.asks(id)))
        .map(|(namespace, found)| {
            let own = by_exception.get(&(namespace, found.metadata.name.as_str()));
            let own = own.map_or(&[][..], Vec::as_slice);
            row(namespace, found, &exception::status(found, own, now))
        })
        .collect()
}

/// What a person must be told: exceptions that are not in force, forgive nothing, or end soon.
pub(super) fn notes(listed: &[ListedException]) -> Vec<String> {
    let note = |exception: &ListedException| {
        let (namespace, name) = (&exception.namespace, &exception.name);
        let why = exception.message.as_ref()?;
        Some(if !exception.in_force {
            format!("exception {namespace}/{name} is not in force: {why}")
        } else if exception.findings == 0 {
            format!("exception {namespace}/{name} forgives nothing: {why}")
        } else {
            format!("exception {namespace}/{name}: {why}")
        })
    };
    listed.iter().filter_map(note).collect()
}

fn row(
    namespace: &str,
    exception: &ReadinessException,
    status: &ReadinessExceptionStatus,
) -> ListedException {
    let told = told(&status.conditions);
    ListedException {
        namespace: namespace.to_owned(),
        name: exception.metadata.name.clone(),
        expiration_time: Time(exception.spec.expiration_time),
        in_force: status.in_force,
        reason: told.map(|condition| condition.reason.clone()),
        message: told.map(|condition| condition.message.clone()),
        workloads: status.workload_count,
        findings: status.findings,
        points_forgiven: status.points_forgiven,
    }
}

/// The gravest thing that is to be said.
fn told(conditions: &[Condition]) -> Option<&Condition> {
    [
        ("InForce", ConditionStatus::False),
        ("ChecksKnown", ConditionStatus::False),
        ("Matches", ConditionStatus::False),
        ("EndsSoon", ConditionStatus::True),
    ]
    .into_iter()
    .find_map(|(type_, status)| {
        conditions
            .iter()
            .find(|condition| condition.type_ == type_ && condition.status == status)
    })
}
