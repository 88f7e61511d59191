//! database-migration: the schema is changed once, before the code.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::{any_name, is_database, switched_on},
    object::{Container, ContainerClass, Kind, Workload},
    role::Role,
};

pub(super) const CHECK: Check = Check {
    id: "database-migration",
    title: "No migration of the schema",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A service that reaches a database has no step that changes its schema: no init container, Job or CronJob of the namespace, nor a Helm or Argo CD hook, that is called or runs migrate, migration, flyway, liquibase, alembic, atlas, goose, prisma or db-update; or every replica migrates at its start by itself (more than one replica, and the command or a variable says so).",
        root_cause: "The first schema was made by hand.",
        scenario: "A release needs a column that is not there; or three replicas change the schema at once.",
        impact: "A release that fails in the middle, with no way back.",
        fix: "Run migrations in a Job before the rollout, or in an init container that takes a lock.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/init-containers/"],
    covers: Covers {
        audit_rows: &[14],
        peers: &[],
    },
    parameters: &[],
    reads: &[
        Kind::ConfigMap,
        Kind::Service,
        Kind::HorizontalPodAutoscaler,
        Kind::ScaledObject,
    ],
    ask: Ask::Workload(ask),
};

/// Words of steps that change a schema.
const WORDS: [&str; 10] = [
    "migrat",
    "flyway",
    "liquibase",
    "alembic",
    "atlas",
    "goose",
    "prisma",
    "db-update",
    "schema",
    "dbmate",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let role = asked.role();
    if !matches!(role, Role::Service | Role::Worker) {
        return Answer::DoesNotApply;
    }
    let by_value = workload.planned_containers().any(|container| {
        asked
            .variables(&container)
            .iter()
            .any(|one| is_database(&one.name, one.value))
    });
    let by_name = any_name(workload, around, |name| is_database(name, "")).known() == Some(true);
    if !(by_value || by_name) {
        return Answer::DoesNotApply;
    }

    let about = |text: &str| {
        let lower = text.to_ascii_lowercase();
        WORDS.iter().any(|word| lower.contains(word))
    };
    let runs = |container: &Container<'_>| {
        let spec = container.spec;
        let mut words = spec
            .command
            .iter()
            .chain(&spec.args)
            .chain([&spec.name, &spec.image]);
        words.any(|word| about(word))
    };
    let mut staying = workload
        .containers()
        .filter(|container| container.class == ContainerClass::App);
    let by_itself = staying.find(|container| {
        let spec = container.spec;
        let by_command = spec
            .command
            .iter()
            .chain(&spec.args)
            .any(|word| word.to_ascii_lowercase().contains("migrat"));
        let by_variable = spec.env.iter().any(|variable| {
            let on = variable.value.as_deref().is_some_and(switched_on);
            on && variable.name.to_ascii_uppercase().contains("MIGRAT")
        });
        by_command || by_variable
    });
    if let Some(container) = by_itself.filter(|_| workload.replicas() > 1) {
        let message = format!(
            "changes the schema in each of {} replicas at once",
            workload.replicas()
        );
        return Answer::fails(Fault::in_container(&container, "", message));
    }
    let in_pod = workload
        .planned_containers()
        .any(|container| runs(&container));
    let by_job = around.workloads().any(|other| {
        matches!(other.kind, WorkloadKind::Job | WorkloadKind::CronJob)
            && (about(other.name()) || other.planned_containers().any(|container| runs(&container)))
    });
    Answer::pass_if(in_pod || by_job || is_said(workload), || {
        let message = "has a database, and nothing that changes its schema before a release";
        Fault::new(workload.at("/metadata/name"), message)
    })
}

/// By which a workload says who changes the schema.
const SAYS: &str = "prodready.dev/migrations";

fn is_said(workload: &Workload) -> bool {
    let template = &workload.spec.template.metadata;
    let said = [&workload.metadata.annotations, &template.annotations];
    said.iter()
        .any(|annotations| annotations.contains_key(SAYS))
}
