//! graceful-shutdown: a process gets the time to end its work.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Container, Workload},
};

pub(super) const CHECK: Check = Check {
    id: "graceful-shutdown",
    title: "No time to end gracefully",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "terminationGracePeriodSeconds is 0, or no longer than the pause that a preStop hook takes of it.",
        root_cause: "The grace period covers the preStop hook and the process' own end together; what is left when it is over is killed.",
        scenario: "At each rollout and drain the process is killed in the middle of its requests, writes and messages.",
        impact: "Broken requests, half-written data and messages processed twice, at every deploy.",
        fix: "Set terminationGracePeriodSeconds to the preStop pause plus the time the longest request takes, 30 seconds at least.",
    },
    links: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"],
    covers: Covers {
        audit_rows: &[20],
        peers: &["eksup:K8S007"],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

const FIELD: &str = "/terminationGracePeriodSeconds";
const DEFAULT: i64 = 30;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let grace = workload.pod().grace_period();
    if grace == 0 {
        let fault = Fault::new(
            workload.pod_at(FIELD),
            "terminationGracePeriodSeconds is 0, so its processes are killed at once",
        );
        return Answer::fails(fault.edit(Edit::set(workload.pod_at(FIELD), DEFAULT)));
    }
    let longest = workload
        .planned_containers()
        .filter_map(|container| pause(&container).map(|pause| (pause, container)));
    match longest.max_by_key(|(pause, _)| *pause) {
        Some((pause, container)) if pause >= grace => {
            Answer::fails(too_short(workload, &container, pause, grace))
        }
        _ => Answer::Passes,
    }
}

fn too_short(workload: &Workload, container: &Container<'_>, pause: i64, grace: i64) -> Fault {
    let message = format!(
        "has a preStop pause of {pause} s, which leaves nothing of the {grace} s of terminationGracePeriodSeconds"
    );
    Fault::in_container(container, "/lifecycle/preStop", message)
        .edit(Edit::set(workload.pod_at(FIELD), pause + DEFAULT))
}

/// The seconds that a container's preStop hook is known to wait: its sleep action, or `sleep N` as the
/// command or at the end of a shell line.
fn pause(container: &Container<'_>) -> Option<i64> {
    let hook = container.spec.lifecycle.as_ref()?.pre_stop.as_ref()?;
    if let Some(sleep) = &hook.sleep {
        return Some(sleep.seconds);
    }
    let command = &hook.exec.as_ref()?.command;
    let words: Vec<&str> = command
        .iter()
        .flat_map(|part| part.split([' ', ';', '&']))
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(2).find_map(|pair| match pair {
        [program, seconds] if program.rsplit('/').next() == Some("sleep") => {
            seconds.trim_end_matches('s').parse().ok()
        }
        _ => None,
    })
}
