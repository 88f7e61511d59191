//! The words of denials and warnings.

use std::{borrow::Cow, fmt::Write as _};

use jiff::{Timestamp, Unit};

use super::{
    Case,
    exceptions::lapsed,
    shortfall::{Found, Shortfall, Sorted},
};
use crate::{
    api::vocabulary::Mode, exception::Excepted, fix::Edit, judge::Finding, question::Question,
    score::Scored,
};

/// How many findings a denial or a set of warnings spells out.
pub const SPELT_OUT: usize = 10;

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
    /// The id of the check or rule.
    pub reason: String,
    /// What is wrong.
    pub message: String,
    /// The field, as Kubernetes writes it: `spec.template.spec.containers[0].image`.
    pub field: String,
}

impl Denial {
    pub(super) fn new(
        case: &Case<'_>,
        scored: &Scored,
        sorted: &Sorted<'_>,
        excepted: &Excepted,
    ) -> Self {
        let denying = &sorted.denies;
        let mut message = headline(case, scored, denying);
        for (question, finding) in denying.findings.iter().take(SPELT_OUT) {
            message.push_str(&paragraph(question, finding));
        }
        let further = denying.findings.len().saturating_sub(SPELT_OUT);
        if further > 0 {
            let _ = write!(message, "\n- and {further} more");
        }
        if !sorted.old.findings.is_empty() {
            let _ = write!(message, "\n{}.", had_before(case, sorted));
        }
        for line in lapsed(excepted) {
            let _ = write!(message, "\n{line}.");
        }
        message.push_str(
            "\nSee all of it, and what else is missing: prodready audit FILE --policy POLICY-FILE. \
             If it must run as it is, apply a ReadinessException and have it approved.",
        );
        Self {
            message,
            causes: denying
                .findings
                .iter()
                .map(|(question, finding)| cause(question, finding))
                .collect(),
        }
    }

    /// The same as warnings, for somebody who is let past all the same.
    pub fn warnings(&self) -> Vec<String> {
        let headline = self.message.lines().next().unwrap_or_default().to_owned();
        let causes = self.causes.iter();
        let causes = causes.map(|cause| format!("{}: {}", cause.reason, cause.message));
        bounded(std::iter::once(headline).chain(causes).collect())
    }
}

/// One line for each finding that would deny, the gravest first, within the API server's limits.
pub(super) fn warnings(
    case: &Case<'_>,
    scored: &Scored,
    short: &Shortfall<'_>,
    excepted: &Excepted,
) -> Vec<String> {
    let mut lines = Vec::new();
    let enforcement = &case.policy.enforcement;
    if let (Mode::Enforce, Some(from)) = (enforcement.mode, enforcement.from)
        && case.now < from
    {
        lines.push(format!("this will be denied from {}", date(from, case.now)));
    }
    lines.push(headline(case, scored, short));
    lines.extend(lapsed(excepted));
    lines.extend(short.findings.iter().map(line));
    bounded(lines)
}

/// What is let through under `Enforce`, and until when.
pub(super) fn let_through(case: &Case<'_>, sorted: &Sorted<'_>) -> Vec<String> {
    let mut lines: Vec<String> = sorted
        .later
        .iter()
        .map(|(from, found)| format!("denied from {}: {}", date(*from, case.now), line(found)))
        .collect();
    if !sorted.old.is_empty() {
        lines.push(had_before(case, sorted));
    }
    lines.extend(sorted.old.findings.iter().map(line));
    bounded(lines)
}

fn had_before(case: &Case<'_>, sorted: &Sorted<'_>) -> String {
    let name = case.workload.display_name();
    let what = match sorted.old.findings.len() {
        0 => "the low score".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    let end = sorted
        .old_until
        .map_or_else(String::new, |end| format!(" until {}", date(end, case.now)));
    format!(
        "{name} may keep {what} of before this change (policy {}){end}",
        case.policy.name
    )
}

fn line((question, finding): &Found<'_>) -> String {
    format!(
        "[{}] {}: {}",
        finding.severity,
        question.id(),
        sentence(finding)
    )
}

/// A moment, and how far it is.
pub(super) fn date(moment: Timestamp, now: Timestamp) -> String {
    let hours = moment
        .since((Unit::Hour, now))
        .map_or(0, |span| span.get_hours());
    let left = match hours {
        ..48 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24),
    };
    format!("{} (in {left})", moment.strftime("%Y-%m-%d %H:%M UTC"))
}

/// No more lines than a set of warnings may have, and none too long.
fn bounded(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > SPELT_OUT {
        let further = lines.len() - (SPELT_OUT - 1);
        lines.truncate(SPELT_OUT - 1);
        lines.push(format!("and {further} more: prodready audit"));
    }
    lines.iter().map(|line| one_line(line)).collect()
}

fn headline(case: &Case<'_>, scored: &Scored, denying: &Shortfall<'_>) -> String {
    let policy = case.policy;
    let name = case.workload.display_name();
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

fn paragraph(question: &Question, finding: &Finding) -> String {
    let field = finding.fault.pointer.field_path();
    let place = if field.is_empty() {
        String::new()
    } else {
        format!("\n  field: {field}")
    };
    format!(
        "\n- [{}] {}: {}{place}\n  fix: {}",
        finding.severity,
        question.id(),
        sentence(finding),
        remedy(question, finding)
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
pub(crate) fn remedy(question: &Question, finding: &Finding) -> Cow<'static, str> {
    if let Some(remedy) = &finding.fault.remedy {
        return Cow::Owned(remedy.clone());
    }
    match finding.fault.edits.as_slice() {
        [Edit::Set { at, value }] => format!("set {}: {value}", at.field_path()).into(),
        _ => question.kept(|check| check.text.fix, |rule| &rule.fix),
    }
}

fn cause(question: &Question, finding: &Finding) -> Cause {
    Cause {
        reason: question.id().to_owned(),
        message: sentence(finding),
        field: finding.fault.pointer.field_path(),
    }
}

/// A warning with a control character is dropped by the API server, and a long one may be cut.
pub(super) fn one_line(text: &str) -> String {
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
