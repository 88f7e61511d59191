//! label-values: labels are what the API takes.

use crate::{
    api::vocabulary::{Category, Profile, Severity, WorkloadKind},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
};

pub(super) const CHECK: Check = Check {
    id: "label-values",
    title: "Label the API refuses",
    category: Category::Maintainability,
    severity: Severity::Medium,
    effort: Minutes(5),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A label's key or value, on the workload or its pods, is not valid: values have at most 63 characters, begin and end with a letter or digit, and hold letters, digits, dots, dashes and underscores. In a cluster the API server has refused it before.",
        root_cause: "A version, a branch or an address was put into a label as it is.",
        scenario: "kubectl apply says no in the middle of a release.",
        impact: "The release stops half way, with the old and the new side by side.",
        fix: "Shorten or replace the characters, or use an annotation, which takes any text.",
    },
    links: &[
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set",
    ],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "kube-score:label-values",
            "datree:9",
            "kics:Metadata Label Is Invalid",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Workload(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let workload = asked.workload;
    let template = match workload.kind {
        WorkloadKind::Pod => None,
        WorkloadKind::CronJob => Some("/spec/jobTemplate/spec/template/metadata/labels"),
        _ => Some("/spec/template/metadata/labels"),
    };
    let own = ("/metadata/labels", &workload.metadata.labels);
    let pods = template.map(|path| (path, workload.pod_labels()));
    let mut faults = Vec::new();
    for (path, labels) in [Some(own), pods].into_iter().flatten() {
        for (key, value) in labels {
            let what = if is_key(key) {
                if is_name(value) || value.is_empty() {
                    continue;
                }
                format!("has the value {value:?} for label {key}")
            } else {
                format!("has the label {key:?}")
            };
            let message = format!("{what}, which the API does not take");
            faults.push(Fault::new(workload.at(path).key(key), message));
        }
    }
    Answer::from_faults(faults)
}

fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => {
            let parts = prefix.split('.');
            let good = |part: &str| {
                is_name(part)
                    && part.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
                    })
            };
            prefix.len() <= 253 && parts.into_iter().all(good) && is_name(name)
        }
        None => is_name(key),
    }
}

/// A qualified name without prefix, or a value that is not empty.
fn is_name(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let within = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    text.len() <= 63
        && ends(text.bytes().next())
        && ends(text.bytes().last())
        && text.bytes().all(within)
}
