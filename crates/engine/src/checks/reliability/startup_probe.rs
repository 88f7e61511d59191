//! startup-probe: a slow starter gets its time without slowing the liveness probe down.

use serde_json::json;

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    fix::Edit,
    object::{Container, probe::Probe},
};

const MAX_DELAY: Parameter = Parameter {
    name: "maxInitialDelaySeconds",
    describes: "The longest initialDelaySeconds of a livenessProbe, in seconds, that does without a startupProbe.",
    kind: ParameterKind::Integer {
        min: 0,
        max: 3600,
        default: 30,
    },
};

const SLOW_IMAGES: Parameter = Parameter {
    name: "slowImages",
    describes: "Parts of image names that tell of a runtime that starts slowly.",
    kind: ParameterKind::Texts {
        default: &[
            "openjdk", "jdk", "jre", "temurin", "corretto", "tomcat", "wildfly", "keycloak",
            "spring",
        ],
    },
};

pub(super) const CHECK: Check = Check {
    id: "startup-probe",
    title: "Slow starter without a startup probe",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(20),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A container with a livenessProbe starts slowly, by its initialDelaySeconds or its image, and has no startupProbe.",
        root_cause: "A fixed delay is a guess: too short on a busy node, too long everywhere else.",
        scenario: "On a cold or crowded node the start takes longer than the delay, and the liveness probe kills the container again and again before it is ever up.",
        impact: "A crash loop during the very incident that needed new pods, or minutes without supervision after each start.",
        fix: "Add a startupProbe with the liveness probe's handler and room for the slowest start, and take initialDelaySeconds away.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes"],
    covers: Covers {
        audit_rows: &[21],
        peers: &["gatekeeper:requiredprobes", "kube-score:README_PROBES"],
    },
    parameters: &[MAX_DELAY, SLOW_IMAGES],
    reads: &[],
    ask: Ask::Containers(Containers::Probed, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let Some(liveness) = &container.spec.liveness_probe else {
        return Answer::DoesNotApply;
    };
    if container.spec.startup_probe.is_some() {
        return Answer::Passes;
    }
    let delay = liveness.initial_delay();
    if delay > asked.integer(MAX_DELAY.name) {
        let message =
            format!("waits {delay} s before its first liveness probe and has no startupProbe");
        return Answer::fails(
            Fault::in_container(container, "/startupProbe", message)
                .edit(startup(container, liveness)),
        );
    }
    let name = container.image().base_name();
    let slow = asked
        .texts(SLOW_IMAGES.name)
        .iter()
        .find(|part| name.contains(part.as_str()));
    match slow {
        Some(part) => {
            let message = format!(
                "runs {name}, which starts slowly as {part} images do, and has no startupProbe"
            );
            Answer::fails(
                Fault::in_container(container, "/startupProbe", message)
                    .edit(startup(container, liveness)),
            )
        }
        None => Answer::Passes,
    }
}

/// The liveness probe's own question, every five seconds for at least twice as long as it waits now.
fn startup(container: &Container<'_>, liveness: &Probe) -> Edit {
    const PERIOD: i64 = 5;
    let failures = (2 * liveness.initial_delay().max(60)).div_euclid(PERIOD);
    let handler = Probe {
        exec: liveness.exec.clone(),
        http_get: liveness.http_get.clone(),
        tcp_socket: liveness.tcp_socket.clone(),
        grpc: liveness.grpc.clone(),
        timeout_seconds: liveness.timeout_seconds,
        period_seconds: Some(PERIOD),
        failure_threshold: Some(failures),
        ..Probe::default()
    };
    Edit::set_in(container, "/startupProbe", json!(handler))
}
