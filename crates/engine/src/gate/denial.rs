//! The words of denials and warnings.

use std::fmt::Write as _;

use super::Denying;
use crate::{
    check::Check, fix::Edit, judge::Finding, object::Workload, policy::Policy, score::Scored,
};

/// How many findings a denial or a set of warnings spells out.
const SPELT_OUT: usize = 10;

/// The API server cuts warnings beyond a common budget; a line of this length never is.
const WARNING_LENGTH: usize = 120;

/// Why an object may not be stored, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The whole text, of several lines.
    pub message: String,
    /// One entry per finding, for `status.details.causes`.
    pub causes: Vec<Cause>,
}

/// One reason for a denial, for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The check's id.
    pub reason: &'static str,
    /// What is wrong.
    pub message: String,
    /// The field, as Kubernetes writes it: `spec.template.spec.containers[0].image`.
    pub field: String,
}

impl Denial {
    pub(super) fn new(
        workload: &Workload,
        policy: &Policy,
        scored: &Scored,
        denying: &Denying<'_>,
    ) -> Self {
        let mut message = headline(workload, policy, scored, denying);
        for (check, finding) in denying.findings.iter().take(SPELT_OUT) {
            message.push_str(&paragraph(check, finding));
        }
        let further = denying.findings.len().saturating_sub(SPELT_OUT);
        if further > 0 {
            let _ = write!(message, "\n- and {further} more");
        }
        let _ = write!(
            message,
            "\nSee all of it, and what else is missing: prodready audit FILE --policy POLICY-FILE. \
             If it must run as it is, ask the owners of policy {} for an exception.",
            policy.name
        );
        Self {
            message,
            causes: denying
                .findings
                .iter()
                .map(|(check, finding)| cause(check, finding))
                .collect(),
        }
    }
}

/// One line for each finding that would deny, the gravest first, within the API server's limits.
pub(super) fn warnings(
    workload: &Workload,
    policy: &Policy,
    scored: &Scored,
    denying: &Denying<'_>,
) -> Vec<String> {
    lines(&headline(workload, policy, scored, denying), denying)
}

/// The same for what a change leaves as bad as it was.
pub(super) fn kept(
    workload: &Workload,
    policy: &Policy,
    scored: &Scored,
    kept: &Denying<'_>,
) -> Vec<String> {
    let headline = headline(workload, policy, scored, kept);
    lines(
        &format!("let through, being no worse than before: {headline}"),
        kept,
    )
}

fn lines(headline: &str, denying: &Denying<'_>) -> Vec<String> {
    let mut lines = vec![one_line(headline)];
    let room = SPELT_OUT - 1;
    let spelt_out = if denying.findings.len() > room {
        room - 1
    } else {
        room
    };
    for (check, finding) in denying.findings.iter().take(spelt_out) {
        lines.push(one_line(&format!(
            "[{}] {}: {}",
            finding.severity,
            check.id,
            sentence(finding)
        )));
    }
    let further = denying.findings.len().saturating_sub(spelt_out);
    if further > 0 {
        lines.push(format!("and {further} more: prodready audit"));
    }
    lines
}

fn headline(
    workload: &Workload,
    policy: &Policy,
    scored: &Scored,
    denying: &Denying<'_>,
) -> String {
    let name = workload.display_name();
    let findings = match denying.findings.len() {
        0 => String::new(),
        1 => "1 finding is not allowed, ".to_owned(),
        many => format!("{many} findings are not allowed, "),
    };
    let total = scored
        .total
        .map_or_else(|| "n/a".to_owned(), |total| total.to_string());
    let needed = match denying.below {
        Some(minimum) => format!("score {total} is below the minimum of {minimum}"),
        None => format!(
            "score {total}, production needs {}",
            policy.thresholds.production
        ),
    };
    format!(
        "{name} is not ready by policy {}: {findings}{needed}",
        policy.name
    )
}

fn paragraph(check: &Check, finding: &Finding) -> String {
    let field = finding.fault.pointer.field_path();
    let place = if field.is_empty() {
        String::new()
    } else {
        format!("\n  field: {field}")
    };
    format!(
        "\n- [{}] {}: {}{place}\n  fix: {}",
        finding.severity,
        check.id,
        sentence(finding),
        remedy(check, finding)
    )
}

/// What is wrong, and with which container.
pub(crate) fn sentence(finding: &Finding) -> String {
    match &finding.fault.container {
        Some(container) => format!("container {container} {}", finding.fault.message),
        None => finding.fault.message.clone(),
    }
}

/// The fix to copy, where a safe value is known; else what to do, in words.
pub(crate) fn remedy(check: &Check, finding: &Finding) -> String {
    if let Some(remedy) = &finding.fault.remedy {
        return remedy.clone();
    }
    match finding.fault.edits.as_slice() {
        [Edit::Set { at, value }] => format!("set {}: {value}", at.field_path()),
        _ => check.text.fix.to_owned(),
    }
}

fn cause(check: &'static Check, finding: &Finding) -> Cause {
    Cause {
        reason: check.id,
        message: sentence(finding),
        field: finding.fault.pointer.field_path(),
    }
}

/// A warning with a control character is dropped by the API server, and a long one may be cut.
fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if clean.chars().count() <= WARNING_LENGTH {
        return clean;
    }
    let cut: String = clean.chars().take(WARNING_LENGTH - 1).collect();
    format!("{cut}…")
}
