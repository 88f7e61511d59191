//! From a count to the report that people and programs read.

use std::{borrow::Cow, cell::LazyCell, collections::BTreeMap};

use json_patch::PatchOperation;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::{
    api::{
        category_score::CategoryScore,
        hundredths::Hundredths,
        report::{
            CategoryCount, Finding as ReportFinding, ForgivenFinding, ReadinessReportSpec,
            ReadinessReportStatus, SeverityCounts, Subject, UnknownCheck,
        },
        vocabulary::{Category, Severity},
    },
    fix::{self, Edit},
    gate,
    judge::{CheckResult, Finding, Judgement},
    policy::Policy,
    question::Question,
    role::Inferred,
    score::{CATEGORY_MAX, SCORING_VERSION, Scored},
    subject::{self, NAMESPACE},
};

/// How much a report may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it, with the ids of what passed.
    Full,
    /// What stays small in etcd: the gravest findings whole, then ids, then a number; passes as counts.
    Bounded,
}

/// A bounded report's findings take no more than this many bytes of JSON.
const FINDINGS_BYTES: usize = 2_600;

/// A bounded report names no more than this many findings beyond those that it spells out.
const FURTHER: usize = 20;

/// A bounded report names no more than this many findings that are forgiven.
const FORGIVEN: usize = 10;

/// The longest name that the API server takes.
const NAME_LENGTH: usize = 253;

/// The name of a subject's report: `deployment-cart`, and `namespace` for a namespace's own; the end is a hash where
/// that is too long.
pub fn name(kind: &str, workload: &str) -> String {
    if kind == NAMESPACE {
        return "namespace".to_owned();
    }
    bounded_name(format!("{}-{workload}", kind.to_lowercase()))
}

/// A name that the API server takes: the end is a hash where it would be too long.
pub(crate) fn bounded_name(plain: String) -> String {
    if plain.len() <= NAME_LENGTH {
        return plain;
    }
    let hash = plain.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{}-{hash:016x}", &plain[..NAME_LENGTH - 17])
}

/// What a report's `spec` says.
pub fn spec<'a>(subject: impl Into<subject::Subject<'a>>, policy: &Policy) -> ReadinessReportSpec {
    let subject = subject.into();
    ReadinessReportSpec {
        subject: Subject {
            api_version: subject.api_version().to_owned(),
            kind: subject.kind().to_owned(),
            name: subject.name().to_owned(),
        },
        policy: policy.name.to_string(),
    }
}

/// What a report's `status` says. The time of observation is the caller's to fill in.
pub fn status<'a>(
    subject: impl Into<subject::Subject<'a>>,
    policy: &Policy,
    judgement: &Judgement,
    scored: &Scored,
    extent: Extent,
) -> ReadinessReportStatus {
    let subject = subject.into();
    // Only patches need it, and making it costs as much as judging.
    let document = LazyCell::new(|| subject.document());
    let patched = |edits: &[Edit]| fix::patch(&*document, edits);
    status_patched_by(patched, subject, policy, judgement, scored, extent)
}

/// The same with patches for the subject as it is written somewhere: `patched` makes one of edits, where they fit.
pub fn status_patched_by<'a>(
    patched: impl Fn(&[Edit]) -> Option<Vec<PatchOperation>>,
    subject: impl Into<subject::Subject<'a>>,
    policy: &Policy,
    judgement: &Judgement,
    scored: &Scored,
    extent: Extent,
) -> ReadinessReportStatus {
    let subject = subject.into();
    let findings = findings(patched, judgement, scored);
    let summary = counts(&findings);
    let worst_finding = findings.first().map(worst);
    let (findings, further, truncated) = match extent {
        Extent::Full => (findings, Vec::new(), None),
        Extent::Bounded => bounded(findings),
    };
    let passed = passed(judgement);
    let mut exceptions = forgiven(judgement);
    if extent == Extent::Bounded {
        exceptions.truncate(FORGIVEN);
    }
    let excepted = &judgement.exceptions;
    let is_forgiven = !excepted.forgiven.is_empty();
    ReadinessReportStatus {
        workload: subject.display_name(),
        score: scored.total.map(i32::from),
        verdict: scored.verdict,
        profile: policy.profile,
        role: judgement.role.as_ref().map(role),
        scoring_version: SCORING_VERSION.to_owned(),
        observed_generation: subject.generation(),
        observed_time: None,
        conditions: Vec::new(),
        categories: categories(scored),
        summary,
        worst_finding,
        findings,
        further,
        truncated,
        unknown: unknown(judgement),
        exceptions,
        forgiven: is_forgiven.then(|| i32::try_from(excepted.forgiven.len()).unwrap_or(i32::MAX)),
        points_forgiven: is_forgiven.then(|| Hundredths(excepted.points())),
        score_without_exceptions: excepted
            .score_without
            .filter(|_| is_forgiven)
            .map(i32::from),
        passes: match extent {
            Extent::Full => Vec::new(),
            Extent::Bounded => pass_counts(&passed),
        },
        passed: match extent {
            Extent::Full => passed.iter().map(|question| question.id_kept()).collect(),
            Extent::Bounded => Vec::new(),
        },
    }
}

/// The findings, the gravest first, then the dearest, then in the order of the catalogue.
fn findings(
    patched: impl Fn(&[Edit]) -> Option<Vec<PatchOperation>>,
    judgement: &Judgement,
    scored: &Scored,
) -> Vec<ReportFinding> {
    let mut findings = Vec::with_capacity(scored.costs.len());
    for ((question, finding), cost) in judgement.findings().zip(&scored.costs) {
        let patch = match finding.fault.edits.as_slice() {
            [] => Vec::new(),
            edits => patched(edits).unwrap_or_default(),
        };
        findings.push(report_finding(question, finding, Hundredths(*cost), patch));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.severity, finding.points)));
    findings
}

fn report_finding(
    question: &Question,
    finding: &Finding,
    points: Hundredths,
    patch: Vec<PatchOperation>,
) -> ReportFinding {
    ReportFinding {
        check: question.id_kept(),
        severity: finding.severity,
        category: question.category(),
        container: finding.fault.container.clone(),
        object: finding.fault.object.as_ref().map(ToString::to_string),
        pointer: clipped(finding.fault.pointer.as_str().to_owned(), 1024),
        message: clipped(gate::sentence(finding), 1024),
        why: question.kept(|check| check.text.scenario, |rule| &rule.why),
        fix: clipped(gate::remedy(question, finding), 2048),
        patch,
        points,
        location: None,
    }
}

/// `check/container`: without spaces, as a column wants it.
fn worst(finding: &ReportFinding) -> String {
    match &finding.container {
        Some(container) => format!("{}/{container}", finding.check),
        None => finding.check.to_string(),
    }
}

/// The schema's bounds on texts; values of a hostile object may be longer.
fn clipped<T: AsRef<str> + From<String>>(text: T, length: usize) -> T {
    let letters = text.as_ref();
    if letters.len() <= length || letters.char_indices().nth(length).is_none() {
        return text;
    }
    let cut: String = letters.chars().take(length - 1).chain(['…']).collect();
    cut.into()
}

fn counts(findings: &[ReportFinding]) -> SeverityCounts {
    let of = |severity: Severity| {
        i32::try_from(
            findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count(),
        )
        .unwrap_or(i32::MAX)
    };
    SeverityCounts {
        critical: of(Severity::Critical),
        high: of(Severity::High),
        medium: of(Severity::Medium),
        low: of(Severity::Low),
    }
}

/// Splits the findings into those spelt out, the ids of some more, and the number of those left out.
fn bounded(
    findings: Vec<ReportFinding>,
) -> (Vec<ReportFinding>, Vec<Cow<'static, str>>, Option<i32>) {
    let mut bytes = 0;
    let (mut whole, mut rest) = (Vec::new(), Vec::new());
    for finding in findings {
        bytes += serde_json::to_vec(&finding).map_or(FINDINGS_BYTES, |json| json.len());
        if rest.is_empty() && (whole.is_empty() || bytes <= FINDINGS_BYTES) {
            whole.push(finding);
        } else {
            rest.push(finding.check);
        }
    }
    let left_out = rest.len();
    rest.dedup();
    rest.truncate(FURTHER);
    let truncated = (left_out > 0).then(|| i32::try_from(left_out).unwrap_or(i32::MAX));
    (whole, rest, truncated)
}

/// `service (Service cart leads to it)`
fn role(inferred: &Inferred) -> String {
    clipped(format!("{} ({})", inferred.role, inferred.why), 256)
}

fn categories(scored: &Scored) -> Vec<CategoryScore> {
    let written = |total: &crate::score::CategoryTotal| CategoryScore {
        name: total.category,
        score: Hundredths(total.hundredths),
        max: CATEGORY_MAX,
    };
    scored.categories.iter().map(written).collect()
}

fn unknown(judgement: &Judgement) -> Vec<UnknownCheck> {
    let reasons = judgement
        .outcomes
        .iter()
        .filter_map(|outcome| match &outcome.result {
            CheckResult::Unknown(reason) => Some(UnknownCheck {
                check: outcome.question.id_kept(),
                reason: clipped(reason.clone(), 1024),
            }),
            _ => None,
        });
    reasons.collect()
}

/// What exceptions forgive, the gravest first, then the dearest, then in the order of the catalogue.
fn forgiven(judgement: &Judgement) -> Vec<ForgivenFinding> {
    let mut forgiven: Vec<_> = judgement
        .exceptions
        .forgiven
        .iter()
        .map(|forgiven| ForgivenFinding {
            name: forgiven.exception.to_string(),
            check: forgiven.question.id_kept(),
            severity: forgiven.finding.severity,
            container: forgiven.finding.fault.container.clone(),
            expiration_time: Time(forgiven.expiration_time),
            ends_soon: forgiven.ends_soon,
            points: Hundredths(forgiven.points),
        })
        .collect();
    forgiven.sort_by_key(|forgiven| std::cmp::Reverse((forgiven.severity, forgiven.points)));
    forgiven
}

fn passed(judgement: &Judgement) -> Vec<&Question> {
    let passed = judgement
        .outcomes
        .iter()
        .filter(|outcome| outcome.result == CheckResult::Passed);
    passed.map(|outcome| &outcome.question).collect()
}

fn pass_counts(passed: &[&Question]) -> Vec<CategoryCount> {
    let mut counts: BTreeMap<Category, i32> = BTreeMap::new();
    for question in passed {
        *counts.entry(question.category()).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(category, count)| CategoryCount { category, count })
        .collect()
}
