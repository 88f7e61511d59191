//! The closed sets of words that policies, reports and checks have in common.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a failed check is: `critical`, `high`, `medium` or `low`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// What a check of this severity weighs in the score, where a policy says nothing else.
    pub const fn default_weight(self) -> u32 {
        match self {
            Self::Critical => 10,
            Self::High => 5,
            Self::Medium => 2,
            Self::Low => 1,
        }
    }

    /// The priority that follows from it.
    pub const fn priority(self) -> Priority {
        match self {
            Self::Critical => Priority::P0,
            Self::High => Priority::P1,
            Self::Medium => Priority::P2,
            Self::Low => Priority::P3,
        }
    }

    /// The word as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// In which order findings are to be mended: `P0` first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum Priority {
    P0,
    P1,
    P2,
    P3,
}

impl Priority {
    /// Every priority, the most urgent first.
    pub const ALL: [Self; 4] = [Self::P0, Self::P1, Self::P2, Self::P3];

    /// The word as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        }
    }
}

/// The part of readiness a check belongs to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum Category {
    Security,
    Reliability,
    Performance,
    Scalability,
    Maintainability,
    Compliance,
    Monitoring,
    Documentation,
    Testing,
    Business,
}

impl Category {
    /// Every category, in the order of reports.
    pub const ALL: [Self; 10] = [
        Self::Security,
        Self::Reliability,
        Self::Performance,
        Self::Scalability,
        Self::Maintainability,
        Self::Compliance,
        Self::Monitoring,
        Self::Documentation,
        Self::Testing,
        Self::Business,
    ];

    /// The word as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "Security",
            Self::Reliability => "Reliability",
            Self::Performance => "Performance",
            Self::Scalability => "Scalability",
            Self::Maintainability => "Maintainability",
            Self::Compliance => "Compliance",
            Self::Monitoring => "Monitoring",
            Self::Documentation => "Documentation",
            Self::Testing => "Testing",
            Self::Business => "Business",
        }
    }
}

/// What a score and its findings come to: `DoNotLaunch` with any critical finding, `NotReady` below the
/// production threshold, `Ready` at or above it, `ReadyForScale` at or above the scale threshold with no
/// high finding.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum Verdict {
    DoNotLaunch,
    NotReady,
    Ready,
    ReadyForScale,
}

impl Verdict {
    /// Every verdict, the worst first.
    pub const ALL: [Self; 4] = [
        Self::DoNotLaunch,
        Self::NotReady,
        Self::Ready,
        Self::ReadyForScale,
    ];

    /// The word as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DoNotLaunch => "DoNotLaunch",
            Self::NotReady => "NotReady",
            Self::Ready => "Ready",
            Self::ReadyForScale => "ReadyForScale",
        }
    }

    /// Whether it may run in production.
    pub const fn is_ready(self) -> bool {
        matches!(self, Self::Ready | Self::ReadyForScale)
    }
}

/// How much is asked. Each level contains the one before: `baseline`, `production`, `scale`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum Profile {
    Baseline,
    #[default]
    Production,
    Scale,
}

impl Profile {
    /// Every profile, the mildest first.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Production, Self::Scale];

    /// The word as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Production => "production",
            Self::Scale => "scale",
        }
    }
}

/// What the gate does: `Audit` reports only, `Warn` adds admission warnings, `Enforce` denies.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum Mode {
    #[default]
    Audit,
    Warn,
    Enforce,
}

impl Mode {
    /// Every mode, the mildest first.
    pub const ALL: [Self; 3] = [Self::Audit, Self::Warn, Self::Enforce];

    /// The word as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "Audit",
            Self::Warn => "Warn",
            Self::Enforce => "Enforce",
        }
    }
}

/// A kind of workload.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[expect(
    missing_docs,
    reason = "docs on variants reorder the enum in the schema and are dropped from it"
)]
pub enum WorkloadKind {
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    ReplicaSet,
    Pod,
}

impl WorkloadKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Deployment,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::CronJob,
        Self::ReplicaSet,
        Self::Pod,
    ];

    /// The name in manifests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
            Self::ReplicaSet => "ReplicaSet",
            Self::Pod => "Pod",
        }
    }

    /// Group and version.
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::Deployment | Self::StatefulSet | Self::DaemonSet | Self::ReplicaSet => "apps/v1",
            Self::Job | Self::CronJob => "batch/v1",
            Self::Pod => "v1",
        }
    }

    /// The name in URLs and RBAC rules.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
            Self::Job => "jobs",
            Self::CronJob => "cronjobs",
            Self::ReplicaSet => "replicasets",
            Self::Pod => "pods",
        }
    }
}

/// A text that is none of the words of a closed set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is none of {allowed}")]
pub struct UnknownWord {
    found: String,
    allowed: String,
}

fn find<T: Copy>(text: &str, all: &[T], word: fn(T) -> &'static str) -> Result<T, UnknownWord> {
    all.iter()
        .copied()
        .find(|known| word(*known).eq_ignore_ascii_case(text))
        .ok_or_else(|| UnknownWord {
            found: text.to_owned(),
            allowed: all
                .iter()
                .map(|known| word(*known))
                .collect::<Vec<_>>()
                .join(", "),
        })
}

macro_rules! words {
    ($($word:ident over $all:expr),+ $(,)?) => {
        $(
            impl fmt::Display for $word {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    formatter.pad(self.as_str())
                }
            }

            impl FromStr for $word {
                type Err = UnknownWord;

                /// Reads the word in any case.
                fn from_str(text: &str) -> Result<Self, UnknownWord> {
                    find(text, $all, Self::as_str)
                }
            }
        )+
    };
}

words! {
    Severity over &Self::ALL,
    Priority over &Self::ALL,
    Category over &Self::ALL,
    Verdict over &Self::ALL,
    Profile over &Self::ALL,
    Mode over &Self::ALL,
    WorkloadKind over &Self::ALL,
}

#[cfg(test)]
mod tests {
    use super::{Profile, Severity, Verdict};

    #[test]
    fn the_graver_severity_is_the_greater_and_the_better_verdict_too() {
        assert!(Severity::Critical > Severity::High && Severity::Medium > Severity::Low);
        assert!(
            Verdict::ReadyForScale > Verdict::Ready && Verdict::NotReady > Verdict::DoNotLaunch
        );
        assert!(Profile::Baseline < Profile::Scale);
    }

    #[test]
    fn words_are_read_in_any_case_and_an_unknown_one_names_the_known() {
        assert_eq!("HIGH".parse(), Ok(Severity::High));
        let error = "urgent".parse::<Severity>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""urgent" is none of critical, high, medium, low"#
        );
    }
}
