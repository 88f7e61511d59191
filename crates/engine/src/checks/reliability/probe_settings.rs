//! probe-settings: probes say what they mean.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    object::{Container, probe::Probe},
};

pub(super) const CHECK: Check = Check {
    id: "probe-settings",
    title: "Probe leaves its settings to defaults",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "With the parameter require, a probe does not set one of the fields that it lists, such as timeoutSeconds or periodSeconds. Without the parameter it asks nothing.",
        root_cause: "The defaults are good for many, and known to few.",
        scenario: "A probe gives up after one second, which nobody decided.",
        impact: "Restarts under load that look like faults of the application.",
        fix: "Write the field that the finding names, with a value that was measured.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "datree:55",
            "datree:56",
            "datree:57",
            "datree:58",
            "datree:59",
        ],
    },
    parameters: &[REQUIRE],
    reads: &[],
    ask: Ask::Containers(Containers::Probed, ask),
};

const REQUIRE: Parameter = Parameter {
    name: "require",
    describes: "Fields that each probe must set.",
    kind: ParameterKind::Texts { default: &[] },
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let required = asked.texts(REQUIRE.name);
    let spec = container.spec;
    let probes = [
        ("livenessProbe", &spec.liveness_probe),
        ("readinessProbe", &spec.readiness_probe),
        ("startupProbe", &spec.startup_probe),
    ];
    let probes: Vec<(&str, &Probe)> = probes
        .into_iter()
        .filter_map(|(field, probe)| Some((field, probe.as_deref()?)))
        .collect();
    if required.is_empty() || probes.is_empty() {
        return Answer::DoesNotApply;
    }
    let faults = probes.into_iter().flat_map(|(field, probe)| {
        let missing = required.iter().filter(|wanted| !is_set(probe, wanted));
        missing.map(move |wanted| {
            let message = format!("{field} leaves {wanted} to its default");
            Fault::in_container(container, &format!("/{field}/{wanted}"), message)
        })
    });
    Answer::from_faults(faults.collect())
}

fn is_set(probe: &Probe, field: &str) -> bool {
    let value = match field {
        "initialDelaySeconds" => probe.initial_delay_seconds,
        "periodSeconds" => probe.period_seconds,
        "timeoutSeconds" => probe.timeout_seconds,
        "successThreshold" => probe.success_threshold,
        "failureThreshold" => probe.failure_threshold,
        _ => Some(0),
    };
    value.is_some()
}
