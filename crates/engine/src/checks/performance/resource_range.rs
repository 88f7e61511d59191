//! resource-range: requests and limits that mean what they say.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{
        Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Parameter, ParameterKind,
        Text,
    },
    object::{Container, Quantity, container::Amounts},
};

const MAX_CPU: Parameter = Parameter {
    name: "maxCpu",
    describes: "The most CPU one container may ask for or be allowed; more is taken for a slip of the unit.",
    kind: ParameterKind::Quantity { default: "64" },
};

const MIN_MEMORY: Parameter = Parameter {
    name: "minMemory",
    describes: "The least memory that a process can run in; less is taken for a slip of the unit.",
    kind: ParameterKind::Quantity { default: "4Mi" },
};

const MAX_MEMORY: Parameter = Parameter {
    name: "maxMemory",
    describes: "The most memory one container may ask for or be allowed; more is taken for a slip of the unit.",
    kind: ParameterKind::Quantity { default: "1Ti" },
};

pub(super) const CHECK: Check = Check {
    id: "resource-range",
    title: "Requests or limits outside any sensible range",
    category: Category::Performance,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A CPU or memory request or limit is absurdly small or large, has a unit that cannot be meant, or a request is above its limit.",
        root_cause: "Kubernetes takes 128m of memory for an eighth of a byte, and 1000 CPU for a thousand cores, without a word.",
        scenario: "The pod never starts because no node has a thousand cores, or its container is killed the moment it starts.",
        impact: "A rollout hangs, or the workload runs with bounds that nobody intended.",
        fix: "Write CPU as cores or thousandths (0.5, 500m) and memory with Mi or Gi, and keep requests at or below limits.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#resource-units-in-kubernetes",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:unset-cpu-requirements",
            "kube-linter:unset-memory-requirements",
            "gatekeeper:containerlimits",
            "gatekeeper:containerrequests",
            "redhat-cop:BESTPRACT-00013",
            "redhat-cop:BESTPRACT-00014",
            "kubeaudit:limits",
            "polaris:resourceMinimum/Maximum",
            "redhat-cop:BESTPRACT-00011",
            "redhat-cop:BESTPRACT-00015",
        ],
    },
    parameters: &[MAX_CPU, MIN_MEMORY, MAX_MEMORY],
    reads: &[],
    ask: Ask::Containers(Containers::Planned, ask),
};

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let Some(resources) = container.resources() else {
        return Answer::DoesNotApply;
    };
    // The API server fills in an empty `resources`, which says no more than none.
    let is_empty = |amounts: &Option<Amounts>| amounts.as_ref().is_none_or(Amounts::is_empty);
    if is_empty(&resources.requests) && is_empty(&resources.limits) {
        return Answer::DoesNotApply;
    }
    let mut faults = Vec::new();
    for (what, amounts) in [
        ("request", &resources.requests),
        ("limit", &resources.limits),
    ] {
        for (resource, amount) in amounts
            .iter()
            .flatten()
            .filter(|(_, amount)| !amount.is_zero())
        {
            if let Some(problem) = out_of_range(resource, amount, asked) {
                let place = format!("/resources/{what}s/{resource}");
                faults.push(Fault::in_container(
                    container,
                    &place,
                    format!("has a {resource} {what} of {amount}, {problem}"),
                ));
            }
        }
    }
    if faults.is_empty() {
        faults.extend(above_limit(
            container,
            resources.requests.as_ref(),
            resources.limits.as_ref(),
        ));
    }
    Answer::from_faults(faults)
}

fn out_of_range(resource: &str, amount: &Quantity, asked: &Asked<'_>) -> Option<String> {
    let beyond = |bound: &Quantity| Some(format!("which is above {bound}"));
    match resource {
        "memory" if amount.as_str().ends_with('m') => {
            Some("which is thousandths of a byte; did you mean Mi?".to_owned())
        }
        "memory" if amount < asked.quantity(MIN_MEMORY.name) => Some(format!(
            "which is {} bytes; did you mean Mi?",
            amount.units()
        )),
        "memory" if amount > asked.quantity(MAX_MEMORY.name) => {
            beyond(asked.quantity(MAX_MEMORY.name))
        }
        "cpu" if amount > asked.quantity(MAX_CPU.name) => Some(format!(
            "which is {} cores; did you mean {}m?",
            amount.units(),
            amount.units()
        )),
        _ => None,
    }
}

/// The API server refuses this too, but files reach it late.
fn above_limit<'a>(
    container: &'a Container<'_>,
    requests: Option<&'a Amounts>,
    limits: Option<&'a Amounts>,
) -> impl Iterator<Item = Fault> + 'a {
    requests
        .into_iter()
        .flatten()
        .filter_map(move |(resource, request)| {
            let limit = limits?.get(resource)?;
            (request > limit).then(|| {
                let message =
                    format!("has a {resource} request of {request} above its limit of {limit}");
                Fault::in_container(
                    container,
                    &format!("/resources/requests/{resource}"),
                    message,
                )
            })
        })
}
