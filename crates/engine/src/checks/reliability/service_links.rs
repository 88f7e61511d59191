//! service-links: the environment holds what was put into it.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "service-links",
    title: "Services of the namespace in the environment",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "enableServiceLinks is not false, so that every Service of the namespace becomes a handful of environment variables. Jobs are asked too.",
        root_cause: "It is the default, from the time before cluster DNS.",
        scenario: "Somebody makes a Service called redis, and REDIS_PORT becomes tcp://10.0.0.7:6379 where the application wanted a number; or a namespace with a thousand Services makes every start slow.",
        impact: "A pod does not start after a change that had nothing to do with it.",
        fix: "Set enableServiceLinks to false.",
    },
    links: &[
        "https://kubernetes.io/docs/tutorials/services/connect-applications-service/#accessing-the-service",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["kyverno:disable-service-discovery"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let at = workload.pod_at("/enableServiceLinks");
    Answer::pass_if(workload.pod().enable_service_links == Some(false), || {
        let message = "lets every Service of the namespace into its environment";
        Fault::new(at.clone(), message).edit(Edit::set(at, false))
    })
}
