//! image-vulnerabilities: known holes are closed.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Parameter, ParameterKind, Text},
    object::{
        Kind,
        scan::{self, VulnerabilityReport},
    },
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "image-vulnerabilities",
    title: "Image with known vulnerabilities",
    category: Category::Compliance,
    severity: Severity::High,
    effort: Minutes(120),
    since: "0.1.0",
    profile: Profile::Production,
    text: Text {
        sees: "A VulnerabilityReport of the Trivy Operator about the workload, or about its ReplicaSet, lists more critical or high vulnerabilities than the parameters allow (0 and 10). Where traffic from outside reaches the workload the finding is critical. Without reports nothing is asked.",
        root_cause: "The image was built once, and the world went on.",
        scenario: "A hole that has a name and a recipe is tried on every address.",
        impact: "Whoever follows the recipe is in.",
        fix: "Build the image again on a current base, and update the libraries that the report names.",
    },
    links: &[
        "https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/",
    ],
    covers: Covers {
        audit_rows: &[31],
        peers: &[
            "kubescape:C-0083",
            "kubescape:C-0084",
            "kubescape:C-0085",
            "kubescape:C-0221",
            "kubescape:C-0243",
            "kyverno:require-vulnerability-scan",
        ],
    },
    parameters: &[CRITICAL, HIGH],
    reads: &[
        Kind::VulnerabilityReport,
        Kind::Service,
        Kind::Ingress,
        Kind::HttpRoute,
        Kind::Gateway,
    ],
    ask: Ask::Surroundings(ask),
};

const CRITICAL: Parameter = Parameter {
    name: "maxCritical",
    describes: "How many critical vulnerabilities are borne.",
    kind: ParameterKind::Integer {
        min: 0,
        max: 100_000,
        default: 0,
    },
};

const HIGH: Parameter = Parameter {
    name: "maxHigh",
    describes: "How many high vulnerabilities are borne.",
    kind: ParameterKind::Integer {
        min: 0,
        max: 100_000,
        default: 10,
    },
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let around = &asked.surroundings;
    let reports: Vec<&VulnerabilityReport> = around
        .each::<VulnerabilityReport>()
        .filter(|one| scan::is_about(&one.metadata.labels, workload))
        .collect();
    if reports.is_empty() {
        return match around.absent(Kind::VulnerabilityReport) {
            Seen::Known(()) => Answer::DoesNotApply,
            Seen::NotSeen(why) => Answer::Unknown(why),
        };
    }
    let exposed = asked
        .entrances()
        .known()
        .is_some_and(|entrances| !entrances.is_empty());
    let (most_critical, most_high) = (asked.integer(CRITICAL.name), asked.integer(HIGH.name));
    let faults = reports.into_iter().filter_map(|one| {
        let summary = &one.report.summary;
        let (critical, high) = (summary.critical_count, summary.high_count);
        if critical <= most_critical && high <= most_high {
            return None;
        }
        let container = one.metadata.labels.get(scan::CONTAINER);
        let of = container.map_or(String::new(), |name| format!(" of container {name}"));
        let message =
            format!("the image{of} has {critical} critical and {high} high vulnerabilities");
        let fault =
            Fault::new(workload.at("/metadata/name"), message).shortfall(critical * 1000 + high);
        Some(if exposed && critical > most_critical {
            fault.severity(Severity::Critical)
        } else {
            fault
        })
    });
    Answer::from_faults(faults.collect())
}
