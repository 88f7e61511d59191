//! multi-concern-pod: one pod does one job.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Container, ContainerClass},
    role::product_of,
};

pub(super) const CHECK: Check = Check {
    id: "multi-concern-pod",
    title: "Unrelated processes in one pod",
    category: Category::Maintainability,
    severity: Severity::Low,
    effort: Minutes(240),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "Two app containers of a pod run known products that are scaled and kept apart, such as an application beside a database, or a database beside a broker. A cache beside an application may be a local one, and native sidecars are helpers.",
        root_cause: "On one machine all of it ran together.",
        scenario: "The application is scaled to three, and each replica has a database of its own.",
        impact: "Data that differs by replica, and releases that restart the database.",
        fix: "Give each its own workload, and reach it by a Service.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/"],
    covers: Covers {
        audit_rows: &[29],
        peers: &[],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let apps: Vec<Container<'_>> = workload
        .containers()
        .filter(|container| container.class == ContainerClass::App)
        .collect();
    if apps.len() < 2 {
        return Answer::DoesNotApply;
    }
    let keepers: Vec<(&Container<'_>, &str)> = apps
        .iter()
        .filter_map(|container| {
            let product = product_of(container)?;
            product
                .role
                .keeps_data()
                .then_some((container, product.image))
        })
        .collect();
    let helpers = [
        "exporter", "agent", "backup", "proxy", "sidecar", "pooler", "bouncer",
    ];
    let is_helper = |container: &Container<'_>| {
        let base = container.image().base_name().to_owned();
        helpers
            .iter()
            .any(|helper| base.contains(helper) || container.name().contains(helper))
    };
    let main: Vec<&Container<'_>> = apps
        .iter()
        .filter(|container| !is_helper(container))
        .collect();
    let faults = keepers.iter().filter_map(|(container, product)| {
        let other = main.iter().find(|other| other.name() != container.name())?;
        // The same image twice is one thing in two parts.
        (other.image().repository != container.image().repository).then(|| {
            let message = format!("runs {product} in one pod with {}", other.name());
            Fault::in_container(container, "", message)
        })
    });
    Answer::from_faults(faults.collect())
}
