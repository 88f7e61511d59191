//! hpa-target: an autoscaler can measure what it scales by.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{
        Container, Kind,
        autoscaler::{HorizontalPodAutoscaler, Metric, MetricTarget, ResourceMetric},
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "hpa-target",
    title: "Autoscaler cannot measure",
    category: Category::Scalability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A HorizontalPodAutoscaler of the workload scales by a part of a request (Utilization) that some container does not have, neither by itself, by the pod nor by a LimitRange; or by a container that there is not.",
        root_cause: "The autoscaler was added to a workload without requests.",
        scenario: "The autoscaler says FailedGetResourceMetric, and does nothing on the day when it is needed.",
        impact: "A service that everybody believes to grow, and that does not.",
        fix: "Set the request of the resource on every container and native sidecar.",
    },
    links: &[
        "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &["kics:HPA Targets Invalid Object", "kor:hpa"],
    },
    parameters: &[],
    reads: &[Kind::HorizontalPodAutoscaler, Kind::LimitRange],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let scalers = asked.surroundings.each::<HorizontalPodAutoscaler>();
    let own: Vec<&HorizontalPodAutoscaler> = scalers
        .filter(|scaler| {
            let target = &scaler.spec.scale_target_ref;
            target.means(
                workload.kind.api_version(),
                workload.kind.as_str(),
                &workload.metadata.name,
            )
        })
        .collect();
    if own.is_empty() {
        return match asked.surroundings.absent(Kind::HorizontalPodAutoscaler) {
            Seen::Known(()) => Answer::DoesNotApply,
            Seen::NotSeen(why) => Answer::Unknown(why),
        };
    }
    let mut faults = Vec::new();
    let usual = usual_metric();
    for scaler in own {
        let written = scaler.spec.metrics.iter();
        let default = scaler.spec.metrics.is_empty().then_some(&usual);
        for metric in written.chain(default) {
            faults.extend(wrong(asked, metric).map(|why| {
                let message = format!("HorizontalPodAutoscaler {} {why}", scaler.metadata.name);
                Fault::new(workload.at("/metadata/name"), message)
            }));
        }
    }
    Answer::from_faults(faults)
}

/// What the API server fills in where nothing is said: 80 % of the CPU request.
fn usual_metric() -> Metric {
    let target = MetricTarget {
        kind: "Utilization".to_owned(),
    };
    Metric {
        kind: "Resource".to_owned(),
        resource: Some(ResourceMetric {
            name: "cpu".to_owned(),
            container: None,
            target,
        }),
        container_resource: None,
    }
}

fn wrong(asked: &Asked<'_>, metric: &Metric) -> Option<String> {
    let workload = asked.workload;
    let source = metric
        .resource
        .as_ref()
        .or(metric.container_resource.as_ref())?;
    let staying = || workload.containers().filter(Container::runs_for_ever);
    if let Some(name) = &source.container
        && !staying().any(|container| container.name() == name)
    {
        return Some(format!("measures container {name}, which there is not"));
    }
    if source.target.kind != "Utilization" {
        return None;
    }
    let resource = source.name.as_str();
    let of_pod = workload.pod().resources.as_ref();
    let by_pod = of_pod.is_some_and(|resources| resources.request(resource).is_some());
    let default = asked
        .surroundings
        .default_request(resource)
        .known()
        .flatten();
    if by_pod || default.is_some() {
        return None;
    }
    let meant = |container: &Container<'_>| {
        source
            .container
            .as_deref()
            .is_none_or(|name| name == container.name())
    };
    let without = staying().filter(meant).find(|container| {
        container
            .resources()
            .and_then(|own| own.request(resource))
            .is_none()
    })?;
    Some(format!(
        "scales by a part of the {resource} request, which container {} does not have",
        without.name()
    ))
}
