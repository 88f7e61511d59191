//! resource-overprovisioned: what is set aside is what is used.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::{
        Container, Kind, Quantity,
        autoscaler::{ContainerRecommendation, VerticalPodAutoscaler},
    },
};

pub(super) const CHECK: Check = Check {
    id: "resource-overprovisioned",
    title: "Requests far from what is used",
    category: Category::Performance,
    severity: Severity::Medium,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A VerticalPodAutoscaler that does not change the requests itself recommends less than half of a container's request (parameter percent, 200 by default), or finds it below its lower bound. A request of at most 100m of CPU or 128Mi of memory is never too much. Without a recommendation nothing is asked.",
        root_cause: "Requests were guessed before the first start, and never looked at again.",
        scenario: "Nodes are full by their requests and idle by their load, or a node runs out of memory although it looked half empty.",
        impact: "Money for nodes that do nothing, or pods that are starved and evicted.",
        fix: "Set the request to the recommended target, or let the VerticalPodAutoscaler do it.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/autoscaling/vertical-pod-autoscale/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "popeye:109",
            "popeye:110",
            "popeye:111",
            "popeye:112",
            "popeye:503",
            "popeye:504",
            "popeye:505",
            "popeye:506",
        ],
    },
    parameters: &[PERCENT],
    reads: &[Kind::VerticalPodAutoscaler],
    ask: Ask::Surroundings(ask),
};

const PERCENT: Parameter = Parameter {
    name: "percent",
    describes: "How much a request may be, in percent of what is recommended.",
    kind: ParameterKind::Integer {
        min: 100,
        max: 10_000,
        default: 200,
    },
};

/// Resources, and how much of each is too little to save anything, in thousandths.
const SPARED: [(&str, i128); 2] = [("cpu", 100), ("memory", 128 * 1024 * 1024 * 1000)];

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let autoscalers = asked.surroundings.each::<VerticalPodAutoscaler>();
    let own: Vec<&VerticalPodAutoscaler> = autoscalers
        .filter(|one| {
            let target = &one.spec.target_ref;
            let kind = workload.kind;
            target.means(kind.api_version(), kind.as_str(), workload.name())
        })
        .collect();
    let mut asked_any = false;
    let mut faults = Vec::new();
    for autoscaler in own {
        let recommended = &autoscaler.status.recommendation.container_recommendations;
        for one in recommended {
            let mut containers = workload.planned_containers();
            let found = containers.find(|container| container.name() == one.container_name);
            let Some(container) = found else {
                continue;
            };
            let resources = SPARED.iter();
            let left = resources.filter(|(resource, _)| !autoscaler.sizes(resource));
            for (resource, spared) in left {
                asked_any = true;
                let told = Told {
                    by: &autoscaler.metadata.name,
                    one,
                    resource,
                };
                let percent = i128::from(asked.integer(PERCENT.name));
                faults.extend(told.wrong(&container, percent, *spared));
            }
        }
    }
    if asked_any {
        Answer::from_faults(faults)
    } else {
        Answer::DoesNotApply
    }
}

/// What a VerticalPodAutoscaler tells of one resource of a container.
struct Told<'a> {
    by: &'a str,
    one: &'a ContainerRecommendation,
    resource: &'a str,
}

impl Told<'_> {
    fn wrong(&self, container: &Container<'_>, percent: i128, spared: i128) -> Option<Fault> {
        let resource = self.resource;
        let request = container.resources()?.request(resource)?;
        let target = self.one.target.get(resource)?;
        let below = self.one.lower_bound.get(resource);
        let what = if below.is_some_and(|bound| request.nanos() < bound.nanos()) {
            "less than the lower bound of"
        } else if is_too_much(request, target, percent, spared) {
            "far more than is recommended by"
        } else {
            return None;
        };
        // No amount of the recommendation: it changes by the minute, and each change would be news.
        let message = format!(
            "sets aside {} of {resource}, {what} VerticalPodAutoscaler {}",
            request.as_str(),
            self.by
        );
        let suffix = format!("/resources/requests/{resource}");
        Some(Fault::in_container(container, &suffix, message))
    }
}

fn is_too_much(request: &Quantity, target: &Quantity, percent: i128, spared: i128) -> bool {
    request.millis() > spared
        && request.nanos().saturating_mul(100) > target.nanos().saturating_mul(percent)
}
