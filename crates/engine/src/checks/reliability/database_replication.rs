//! database-replication: one copy may fail.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Workload, image::ImageReference},
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "database-replication",
    title: "Database with one instance",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(480),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A database that keeps data, as a Deployment or StatefulSet, has one replica; and no annotation prodready.dev/replication says how else it is replicated. Databases of an operator are replicated by it and are other kinds.",
        root_cause: "One was enough to begin with, and a second one is no matter of a number.",
        scenario: "Its node fails, and the volume has to be attached to another one: minutes, in another zone never.",
        impact: "Everything that needs the database is down for as long.",
        fix: "Use an operator (CloudNativePG, Percona, MongoDB Community) or a managed database with a standby in another zone.",
    },
    links: &["https://cloudnative-pg.io/documentation/current/"],
    covers: Covers {
        audit_rows: &[7, 56],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

/// By which a workload says how its data are replicated.
const SAYS: &str = "prodready.dev/replication";

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let scalable = workload.is_scalable() && workload.metadata.controller().is_none();
    if !scalable || asked.role() != Role::Database || workload.replicas() == 0 {
        return Answer::DoesNotApply;
    }
    let template = &workload.spec.template.metadata;
    let said = [&workload.metadata.annotations, &template.annotations];
    if said.iter().any(|one| one.contains_key(SAYS)) {
        return Answer::Passes;
    }
    // A database that is one of several, as a primary beside a Deployment of replicas, has a sibling.
    let image = |one: &Workload| {
        one.pod().containers.first().map(|container| {
            ImageReference::parse(&container.image)
                .repository
                .to_owned()
        })
    };
    let sibling = asked.surroundings.workloads().any(|other| {
        other.is_scalable() && other.name() != workload.name() && image(other) == image(workload)
    });
    Answer::pass_if(workload.replicas() > 1 || sibling, || {
        Fault::new(
            workload.at("/spec/replicas"),
            "is a database with one instance and no replica",
        )
    })
}
