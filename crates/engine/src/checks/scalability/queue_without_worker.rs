//! queue-without-worker: what is put into a queue is taken out.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    environment::any_name,
    object::{Kind, Workload},
    role::{Role, role_of},
};

pub(super) const CHECK: Check = Check {
    id: "queue-without-worker",
    title: "Queue without a worker",
    category: Category::Scalability,
    severity: Severity::High,
    effort: Minutes(60),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A service is set up for a queue of jobs (Celery, Sidekiq, RQ, BullMQ, Resque, Laravel or AMQP by its variables), and no workload of its namespace is a worker, by its command, its name or its image.",
        root_cause: "The worker ran on a developer's machine.",
        scenario: "Orders are taken, and their mails and invoices wait in the queue for ever.",
        impact: "Work that silently is not done.",
        fix: "Deploy the worker: the same image with the command of the queue.",
    },
    links: &["https://docs.celeryq.dev/en/stable/userguide/workers.html"],
    covers: Covers {
        audit_rows: &[51],
        peers: &[],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::Service],
    ask: Ask::Surroundings(ask),
};

/// Beginnings and parts of variables by which a queue of jobs is set up.
const QUEUES: [&str; 9] = [
    "CELERY_BROKER",
    "CELERY_RESULT",
    "SIDEKIQ",
    "RQ_REDIS",
    "BULL_",
    "BULLMQ",
    "RESQUE",
    "QUEUE_CONNECTION",
    "AMQP_URL",
];

/// Words by which workers are known.
const WORKERS: [&str; 8] = [
    "worker",
    "celery",
    "sidekiq",
    "consumer",
    "queue",
    "resque",
    "jobs",
    "processor",
];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    if asked.role() != Role::Service {
        return Answer::DoesNotApply;
    }
    let found = any_name(workload, around, |name| {
        let name = name.to_ascii_uppercase();
        QUEUES.iter().any(|queue| name.contains(queue))
    });
    if found.known() != Some(true) {
        return Answer::DoesNotApply;
    }
    let works = |other: &Workload| {
        let name = other.name().to_ascii_lowercase();
        let by_name = WORKERS.iter().any(|word| name.contains(word));
        let by_command = other.planned_containers().any(|container| {
            let spec = container.spec;
            let mut words = spec
                .command
                .iter()
                .chain(&spec.args)
                .flat_map(|word| word.split([' ', '/', ':']));
            words.any(|word| WORKERS.contains(&word))
                || WORKERS.iter().any(|word| spec.name.contains(word))
        });
        let keeps = role_of(other, around).role.keeps_data();
        (by_name || by_command) && !keeps
    };
    if works(workload) || around.workloads().any(works) {
        return Answer::Passes;
    }
    Answer::about(around.absent(Kind::Service), |()| {
        let message = "puts work into a queue, and no worker of its namespace takes it out";
        Answer::fails(Fault::new(workload.at("/metadata/name"), message))
    })
}
