//! probe-quality: probes that help and do no harm.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    object::{Container, port::IntOrString, probe::Probe},
};

const MIN_WINDOW: Parameter = Parameter {
    name: "minLivenessWindowSeconds",
    describes: "The shortest time of failing liveness, in seconds, after which a restart is sensible.",
    kind: ParameterKind::Integer {
        min: 1,
        max: 600,
        default: 10,
    },
};

pub(super) const CHECK: Check = Check {
    id: "probe-quality",
    title: "Probes that do harm",
    category: Category::Reliability,
    severity: Severity::Medium,
    effort: Minutes(45),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "Liveness asks the same as readiness and is no more patient, kills after a short window or a single failure, runs a command with a timeout of one second, or a probe asks for the root path or takes longer than its period.",
        root_cause: "A liveness probe restarts; whatever makes a busy process slow makes an impatient probe kill it.",
        scenario: "Load rises, answers take a second longer, liveness fails on every replica, and the restarts put the load on those that are left.",
        impact: "A slow minute becomes an outage that feeds itself.",
        fix: "Let liveness ask a cheap endpoint of its own with a window of 30 seconds or more, and let readiness ask whether requests can be served.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    ],
    covers: Covers {
        audit_rows: &[21],
        peers: &[
            "kube-score:pod-probes-identical",
            "kyverno:ensure-probes-different",
            "redhat-cop:BESTPRACT-00007",
        ],
    },
    parameters: &[MIN_WINDOW],
    reads: &[],
    ask: Ask::Containers(Containers::Probed, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let spec = container.spec;
    let (liveness, readiness) = (&spec.liveness_probe, &spec.readiness_probe);
    if liveness.is_none() && readiness.is_none() {
        return Answer::DoesNotApply;
    }
    let of_liveness = liveness
        .iter()
        .flat_map(|probe| of_liveness(container, probe, asked.integer(MIN_WINDOW.name)));
    let of_both = liveness
        .iter()
        .zip(readiness)
        .filter_map(|(liveness, readiness)| same(container, liveness, readiness));
    let of_each = [("livenessProbe", liveness), ("readinessProbe", readiness)]
        .into_iter()
        .filter_map(|(name, probe)| Some((name, probe.as_ref()?)))
        .flat_map(|(name, probe)| of_any(container, name, probe));
    Answer::from_faults(of_liveness.chain(of_both).chain(of_each).collect())
}

fn of_liveness(container: &Container<'_>, probe: &Probe, min_window: i64) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, message: String| {
        faults.push(Fault::in_container(
            container,
            &format!("/livenessProbe{field}"),
            message,
        ));
    };
    if probe.failures() == 1 {
        fault(
            "/failureThreshold",
            "is restarted after a single failed liveness probe".to_owned(),
        );
    } else if probe.window() < min_window {
        fault(
            "",
            format!(
                "is restarted after {} s of failing liveness, below {min_window} s",
                probe.window()
            ),
        );
    }
    if probe.exec.is_some() && probe.timeout() == 1 {
        fault(
            "/timeoutSeconds",
            "runs a command for liveness with a timeout of 1 s, which a busy node exceeds"
                .to_owned(),
        );
    }
    faults
}

/// The same question twice takes the pod out of service and restarts it at the same moment. It is well
/// where liveness is clearly more patient (the Kubernetes documentation recommends that form).
fn same(container: &Container<'_>, liveness: &Probe, readiness: &Probe) -> Option<Fault> {
    let same =
        same_question(container, liveness, readiness) && liveness.window() <= readiness.window();
    same.then(|| {
        let message =
            "has a livenessProbe that asks the same as its readinessProbe and is no more patient";
        Fault::in_container(container, "/livenessProbe", message)
    })
}

fn same_question(container: &Container<'_>, one: &Probe, other: &Probe) -> bool {
    if let (Some(one), Some(other)) = (&one.http_get, &other.http_get) {
        let path = |path: &Option<String>| {
            path.clone()
                .filter(|path| !path.is_empty())
                .unwrap_or_else(|| "/".to_owned())
        };
        return path(&one.path) == path(&other.path)
            && number(container, &one.port) == number(container, &other.port)
            && one.scheme.as_deref().unwrap_or("HTTP")
                == other.scheme.as_deref().unwrap_or("HTTP")
            && one.host == other.host
            && one.http_headers == other.http_headers;
    }
    if let (Some(one), Some(other)) = (&one.tcp_socket, &other.tcp_socket) {
        return number(container, &one.port) == number(container, &other.port)
            && one.host == other.host;
    }
    (one.exec.is_some() && one.exec == other.exec) || (one.grpc.is_some() && one.grpc == other.grpc)
}

/// A port by number, where its name can be looked up.
fn number(container: &Container<'_>, port: &IntOrString) -> IntOrString {
    let IntOrString::Text(name) = port else {
        return port.clone();
    };
    let found = container
        .spec
        .ports
        .iter()
        .find(|declared| declared.name.as_ref() == Some(name));
    found.map_or_else(
        || port.clone(),
        |declared| IntOrString::Int(declared.container_port),
    )
}

fn of_any(container: &Container<'_>, name: &str, probe: &Probe) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, message: String| {
        faults.push(
            Fault::in_container(container, &format!("/{name}{field}"), message)
                .severity(Severity::Low),
        );
    };
    if let Some(http) = &probe.http_get
        && http
            .path
            .as_deref()
            .is_none_or(|path| path.is_empty() || path == "/")
    {
        fault(
            "/httpGet/path",
            format!("has a {name} of the path /, which says little and may cost much"),
        );
    }
    if probe.timeout() > probe.period() {
        let (timeout, period) = (probe.timeout(), probe.period());
        fault(
            "/timeoutSeconds",
            format!("has a {name} that may take {timeout} s, longer than its period of {period} s"),
        );
    }
    faults
}
