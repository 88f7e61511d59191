//! The baseline of a workload: exceptions for what was there before a policy, so that the workload may be deleted and made
//! again as it is. They are the same for the same workload, whatever ran before, and fewer once something is mended.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::{
    api::exception::{
        BASELINE, ContainerScope, MOST_CHECKS, ReadinessException as Written,
        ReadinessExceptionSpec, SubjectKind, WorkloadName,
    },
    api::vocabulary::WorkloadKind,
    exception::{has_expired, judge_without_baseline},
    gate::objections,
    judge::Judgement,
    object::{Workload, exception::ReadinessException, image::ImageReference},
    policy::{Policy, Ratchet},
    report::{bounded_name, name as report_name},
    surroundings::Surroundings,
};

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// Which findings are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Those for which the workload would be denied if it were made anew under the policy, enforced.
    Denying,
    /// All, so that they cost no points either.
    All,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Which findings are kept.
    pub extent: Extent,
    /// The end of the exceptions, which the policy caps. Without it an exception that is there keeps its own, and a new one
    /// gets the last midnight that the policy allows, or the end of its ratchet.
    pub expires: Option<Timestamp>,
    /// Why; else what is written already, or that it was there before.
    pub reason: Option<&'a str>,
    /// Where it is talked about; else what is written already.
    pub ticket: Option<&'a str>,
    /// Who asks, for exceptions that are not there yet.
    pub requested_by: Option<&'a str>,
    /// Who approves.
    pub approved_by: Option<&'a str>,
    /// The moment.
    pub now: Timestamp,
}

/// The exceptions that keep a workload's past.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// By name.
    pub exceptions: Vec<Written>,
    /// What somebody who applies them should know.
    pub notes: Vec<Note>,
}

/// What somebody who applies a baseline should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The policy allows no exceptions at all.
    NoExceptions {
        /// Its name.
        policy: String,
    },
    /// The end that was asked for is later than the policy allows.
    Capped {
        /// How many days the policy allows.
        max_days: u16,
        /// The end in its place.
        end: Timestamp,
    },
    /// An exception of this name has lasted as long as the policy allows.
    Outlived {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A workload has no name of its own by which an exception could mean it.
    Nameless {
        /// Kind and prefix.
        workload: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoExceptions { policy } => write!(
                out,
                "policy {policy} allows no exceptions (spec.exceptions.maxDays is 0), so that its workloads get none"
            ),
            Self::Capped { max_days, end } => write!(
                out,
                "the policy allows {max_days} days from the creation of an exception: it ends at {end}"
            ),
            Self::Outlived { namespace, name } => write!(
                out,
                "exception {namespace}/{name} has lasted as long as the policy allows: delete it before the new one is applied"
            ),
            Self::Nameless { workload } => write!(
                out,
                "{workload} gets its name from the API server: no exception can mean it by name"
            ),
        }
    }
}

/// The baseline of a workload under a policy. What other exceptions in force forgive needs none.
pub fn baseline(
    workload: &Workload,
    surroundings: Surroundings<'_>,
    policy: &Policy,
    wish: &Wish<'_>,
) -> Baseline {
    let judgement = judge_without_baseline(workload, surroundings, policy, wish.now);
    let debts = debts(workload, &judgement, policy, wish.extent);
    let mut baseline = Baseline::default();
    if debts.is_empty() {
        return baseline;
    }
    if workload.metadata.name.is_empty() {
        let workload = workload.display_name();
        baseline.notes.push(Note::Nameless { workload });
        return baseline;
    }
    if policy.exceptions.max_days == 0 {
        let policy = policy.name.to_string();
        baseline.notes.push(Note::NoExceptions { policy });
        return baseline;
    }
    for (scope, checks) in debts {
        let checks: Vec<String> = checks.into_iter().collect();
        for (part, checks) in checks.chunks(MOST_CHECKS).enumerate() {
            let name = name(workload, scope.as_ref(), part);
            let mut stored = surroundings.each::<ReadinessException>();
            let stored = stored.find(|stored| stored.is_baseline() && stored.metadata.name == name);
            let making = Making {
                workload,
                policy,
                wish,
                stored,
            };
            baseline.make(&making, &name, scope.clone(), checks.to_vec());
        }
    }
    baseline
}

/// A container by name and image, without tag and digest: those change with every release.
type Scope = Option<(String, Option<String>)>;

/// Which checks are kept for which container; for none in particular where a check speaks of the whole.
fn debts(
    workload: &Workload,
    judgement: &Judgement,
    policy: &Policy,
    extent: Extent,
) -> BTreeMap<Scope, BTreeSet<String>> {
    let is_low = objections(judgement, policy).below.is_some();
    let findings = judgement.findings().filter(|(question, finding)| {
        let denies = is_low || policy.forbids(question, finding.severity);
        extent == Extent::All || policy.lets_speak(question) && denies
    });
    let kept: Vec<(&str, Option<&str>)> = findings
        .map(|(question, finding)| (question.id(), finding.fault.container.as_deref()))
        .collect();
    let of_the_whole: BTreeSet<&str> = kept
        .iter()
        .filter(|(_, container)| container.is_none())
        .map(|(id, _)| *id)
        .collect();
    let mut debts: BTreeMap<Scope, BTreeSet<String>> = BTreeMap::new();
    for (id, container) in kept {
        let container = container.filter(|_| !of_the_whole.contains(id));
        let scope = container.map(|name| (name.to_owned(), image(workload, name)));
        debts.entry(scope).or_default().insert(id.to_owned());
    }
    debts
}

/// Registry and repository of a container's image.
fn image(workload: &Workload, container: &str) -> Option<String> {
    let mut containers = workload.containers();
    let container = containers.find(|known| known.name() == container)?;
    let ImageReference {
        registry,
        repository,
        ..
    } = container.image();
    let text = match registry {
        Some(registry) => format!("{registry}/{repository}"),
        None => repository.to_owned(),
    };
    (!text.is_empty()).then_some(text)
}

/// A container's name has no point in it and a kind's name starts with a letter, so that no two are the same.
fn name(workload: &Workload, scope: Option<&(String, Option<String>)>, part: usize) -> String {
    let of = scope.map_or_else(String::new, |(container, _)| format!("-{container}"));
    let part = match part {
        0 => String::new(),
        part => format!(".{}", part + 1),
    };
    let report = report_name(workload.kind.as_str(), workload.name());
    bounded_name(format!("baseline{of}{part}.{report}"))
}

/// What an exception is made from.
struct Making<'a> {
    workload: &'a Workload,
    policy: &'a Policy,
    wish: &'a Wish<'a>,
    /// The one of the same name that is there.
    stored: Option<&'a ReadinessException>,
}

impl Baseline {
    fn make(&mut self, making: &Making<'_>, name: &str, scope: Scope, checks: Vec<String>) {
        let (end, note) = making.end(name);
        if let Some(note) = note.filter(|note| !self.notes.contains(note)) {
            self.notes.push(note);
        }
        let mut exception = Written::new(name, making.spec(scope, checks, end));
        let metadata = &making.workload.metadata;
        exception.metadata.namespace = Some(metadata.namespace.clone());
        exception.metadata.labels = Some([(BASELINE.to_owned(), "true".to_owned())].into());
        self.exceptions.push(exception);
    }
}

impl Making<'_> {
    fn spec(&self, scope: Scope, checks: Vec<String>, end: Timestamp) -> ReadinessExceptionSpec {
        let stored = self.stored.map(|stored| &stored.spec);
        let reason = self.wish.reason.map(str::to_owned);
        let reason = reason.or_else(|| stored.map(|stored| stored.reason.clone()));
        let ticket = self.wish.ticket.map(str::to_owned);
        let requested_by = match stored {
            Some(stored) => stored.requested_by.clone(),
            None => self.wish.requested_by.map(str::to_owned),
        };
        let container = |(name, image)| ContainerScope {
            name: Some(name),
            image,
        };
        let mut spec = ReadinessExceptionSpec {
            workloads: vec![WorkloadName {
                kind: subject_kind(self.workload.kind),
                name: self.workload.metadata.name.clone(),
            }],
            selector: None,
            checks,
            containers: scope.map(container).into_iter().collect(),
            reason: reason.unwrap_or_else(|| {
                format!(
                    "it was there before policy {} was enforced",
                    self.policy.name
                )
            }),
            ticket: ticket.or_else(|| stored.and_then(|stored| stored.ticket.clone())),
            expiration_time: Time(end),
            requested_by,
            approved_by: self.wish.approved_by.map(str::to_owned),
        };
        if spec.approved_by.is_none() {
            spec.approved_by = self.still_approved_by(&spec);
        }
        spec
    }

    /// Who approved the very same.
    fn still_approved_by(&self, spec: &ReadinessExceptionSpec) -> Option<String> {
        let stored = &self.stored?.spec;
        let is_same = stored.workloads == spec.workloads
            && stored.selector.is_none()
            && stored.checks == spec.checks
            && stored.containers == spec.containers
            && stored.reason == spec.reason
            && stored.ticket == spec.ticket
            && stored.expiration_time == spec.expiration_time.0;
        stored.approved_by.clone().filter(|_| is_same)
    }

    /// When the exception ends, and what is to be said about that.
    fn end(&self, name: &str) -> (Timestamp, Option<Note>) {
        let Wish { now, expires, .. } = *self.wish;
        let max_days = self.policy.exceptions.max_days;
        let created = self.stored.and_then(ReadinessException::created_at);
        let last = created.map(|created| last_midnight(created, max_days));
        let outlived = last
            .is_some_and(|last| last <= now)
            .then(|| Note::Outlived {
                namespace: self.workload.metadata.namespace.clone(),
                name: name.to_owned(),
            });
        let last = last
            .filter(|last| *last > now)
            .unwrap_or_else(|| last_midnight(now, max_days));
        let kept = self
            .stored
            .filter(|stored| !has_expired(stored, now))
            .map(|stored| stored.spec.expiration_time);
        let of_ratchet = match self.policy.enforcement.ratchet {
            Ratchet::Until(end) if now < end => Some(end),
            _ => None,
        };
        let wanted = expires.or(kept).or(of_ratchet).unwrap_or(last);
        let end = wanted.min(last);
        let capped = (expires.is_some() && end < wanted).then_some(Note::Capped { max_days, end });
        (end, outlived.or(capped))
    }
}

/// The last midnight (UTC) that so many days allow: on one day the answer is always the same.
pub fn last_midnight(from: Timestamp, days: u16) -> Timestamp {
    let last = from.saturating_add(SignedDuration::from_secs(DAY * i64::from(days)));
    let last = last.unwrap_or(Timestamp::MAX);
    let midnight = last.as_second() - last.as_second().rem_euclid(DAY);
    Timestamp::from_second(midnight).unwrap_or(last)
}

fn subject_kind(kind: WorkloadKind) -> SubjectKind {
    match kind {
        WorkloadKind::Deployment => SubjectKind::Deployment,
        WorkloadKind::StatefulSet => SubjectKind::StatefulSet,
        WorkloadKind::DaemonSet => SubjectKind::DaemonSet,
        WorkloadKind::Job => SubjectKind::Job,
        WorkloadKind::CronJob => SubjectKind::CronJob,
        WorkloadKind::ReplicaSet => SubjectKind::ReplicaSet,
        WorkloadKind::Pod => SubjectKind::Pod,
    }
}
