//! dns-config: names are found, and at the first try.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    fix::Edit,
};

pub(super) const CHECK: Check = Check {
    id: "dns-config",
    title: "Names looked up the wrong way",
    category: Category::Reliability,
    severity: Severity::Low,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Scale,
    text: Text {
        sees: "A pod with the host's network has dnsPolicy ClusterFirst, by which it does not see names of the cluster, or dnsPolicy is Default without reason; or an option ndots of 5 or more is written down. With the parameter requireNdots every pod is asked to set ndots.",
        root_cause: "The default makes five questions of each name outside the cluster, and host networking changes which server is asked.",
        scenario: "Each call to an outside service asks DNS five times first, and under load DNS itself gives up; or the name of a Service is not found at all.",
        impact: "Slow calls and errors that look like the network's.",
        fix: "Set dnsPolicy to ClusterFirstWithHostNet where hostNetwork is true; else leave ClusterFirst, and set the option ndots to 2 where many outside names are called.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-linter:dnsconfig-options",
            "kyverno:add-ndots",
            "kyverno:dns-policy-and-dns-config",
        ],
    },
    parameters: &[REQUIRE],
    reads: &[],
    ask: Ask::Workload(ask),
};

const REQUIRE: Parameter = Parameter {
    name: "requireNdots",
    describes: "1 to ask every pod for an option ndots below 5; 0 to ask only where one is written.",
    kind: ParameterKind::Integer {
        min: 0,
        max: 1,
        default: 0,
    },
};

/// How many dots a name must have to be looked up as it is, where nothing is said.
const DEFAULT: i64 = 5;

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let pod = workload.pod();
    let on_host = pod.host_network == Some(true);
    let policy = pod.dns_policy.as_deref().unwrap_or("ClusterFirst");
    let at = workload.pod_at("/dnsPolicy");
    let mut faults = Vec::new();
    if on_host && policy == "ClusterFirst" {
        let message = "uses the node's network and its DNS, so it finds no Service";
        let edit = Edit::set(at.clone(), "ClusterFirstWithHostNet");
        faults.push(
            Fault::new(at, message)
                .severity(Severity::Medium)
                .edit(edit),
        );
    } else if !on_host && policy == "Default" {
        let message = "asks the node's DNS, so it finds no Service (dnsPolicy: Default)";
        faults.push(Fault::new(at, message));
    }
    let options = pod
        .dns_config
        .iter()
        .flat_map(|config| &config.options)
        .enumerate();
    let written = options
        .filter(|(_, option)| option.name == "ndots")
        .find_map(|(index, option)| Some((index, option.value.as_deref()?.parse::<i64>().ok()?)));
    match written {
        Some((index, dots)) if dots >= DEFAULT => {
            let at = workload.pod_at(&format!("/dnsConfig/options/{index}"));
            let message = format!(
                "asks for each outside name up to {} times (ndots: {dots})",
                dots + 1
            );
            faults.push(Fault::new(at, message));
        }
        None if asked.integer(REQUIRE.name) == 1 => {
            let at = workload.pod_at("/dnsConfig");
            faults.push(Fault::new(
                at,
                "asks for each outside name up to 6 times (no ndots)",
            ));
        }
        _ => {}
    }
    Answer::from_faults(faults)
}
