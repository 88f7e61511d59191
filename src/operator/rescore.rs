//! Judges again what a change may have touched, and says which reports differ from those stored.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use prodready_engine::{
    api::{
        report::{ReadinessReportSpec, ReadinessReportStatus},
        vocabulary::{Verdict, WorkloadKind},
    },
    exception::{Effect, judge},
    object::Workload,
    policy::Policy,
    report::{self, Extent},
    score::{CategoryTotal, score},
    subject,
};

use super::{
    foresight::objections,
    index::{Dirty, Index, Key},
    stored::Fingerprint,
};
use crate::snapshot::Snapshot;

/// What is remembered of a judged workload, for the status of its policy.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) policy: Arc<str>,
    pub(super) subject: Subject,
    pub(super) score: Option<u8>,
    pub(super) verdict: Verdict,
    pub(super) categories: Box<[CategoryTotal]>,
    pub(super) would_deny: bool,
    /// What exceptions do here.
    pub(super) effects: Box<[Effect]>,
    /// How many findings exceptions forgive here.
    pub(super) forgiven: usize,
    /// What the score would be without exceptions.
    pub(super) score_without: Option<u8>,
    fingerprint: Fingerprint,
}

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// A workload of the report's namespace.
    Workload(WorkloadKind, Box<str>),
    /// The namespace itself.
    Namespace,
}

impl Subject {
    /// Kind and name: `Deployment/cart`.
    pub(super) fn display_name(&self, namespace: &str) -> String {
        match self {
            Self::Workload(kind, name) => format!("{kind}/{name}"),
            Self::Namespace => subject::Subject::Namespace(namespace).display_name(),
        }
    }
}

/// The reports that differ from those stored, with their workloads; without one where there should be no
/// report.
pub(super) type Differences = BTreeMap<Key, Option<Subject>>;

/// What every workload came to, by the namespace and name of its report.
#[derive(Debug, Default)]
pub(super) struct Standings {
    by_namespace: BTreeMap<String, BTreeMap<String, Standing>>,
}

/// What a report should say.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) spec: ReadinessReportSpec,
    pub(super) status: ReadinessReportStatus,
    pub(super) owner: Owner,
}

/// The object with which a report goes.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// Absent where it is not known; then the report is deleted when its subject is.
    pub(super) uid: Option<String>,
}

impl Standings {
    /// Judges what is dirty again. Returns the reports that differ from those stored, and how many
    /// workloads were judged.
    pub(super) fn update(
        &mut self,
        index: &Index,
        snapshot: &Snapshot,
        dirty: &Dirty,
        now: Timestamp,
    ) -> (Differences, usize) {
        let namespaces: BTreeSet<String> = if dirty.all {
            let known = snapshot
                .cluster
                .namespaces()
                .map(|(name, _)| name.to_owned());
            known.chain(self.by_namespace.keys().cloned()).collect()
        } else {
            dirty.namespaces.clone()
        };
        let mut differ = Differences::new();
        let mut judged = 0;
        for namespace in namespaces {
            let standings = judge_namespace(snapshot, &namespace, now);
            judged += standings.len();
            differ.extend(differing(index, &namespace, &standings));
            if standings.is_empty() {
                self.by_namespace.remove(&namespace);
            } else {
                self.by_namespace.insert(namespace, standings);
            }
        }
        let alone = dirty
            .workloads
            .iter()
            .filter(|(namespace, _, _)| !dirty.all && !dirty.namespaces.contains(namespace));
        for (namespace, kind, name) in alone {
            judged += 1;
            differ.extend(self.judge_alone(index, snapshot, (namespace, *kind, name), now));
        }
        // What fits no workload of a namespace follows from all of them.
        let of_alone: BTreeSet<&String> = dirty
            .workloads
            .iter()
            .map(|(namespace, _, _)| namespace)
            .filter(|namespace| !dirty.all && !dirty.namespaces.contains(*namespace))
            .collect();
        for namespace in of_alone {
            judged += 1;
            let standing = namespace_standing(snapshot, namespace, now);
            let report = subject::Subject::Namespace(namespace).report_name();
            differ.extend(self.settle(index, namespace, report, standing));
        }
        (differ, judged)
    }

    /// Judges one workload again, or forgets it. Returns its report where that differs from the one stored.
    fn judge_alone(
        &mut self,
        index: &Index,
        snapshot: &Snapshot,
        (namespace, kind, name): (&str, WorkloadKind, &str),
        now: Timestamp,
    ) -> Option<(Key, Option<Subject>)> {
        let report = report::name(kind.as_str(), name);
        let judged = snapshot
            .cluster
            .workload(kind, namespace, name)
            .filter(|workload| is_judged(workload))
            .and_then(|workload| {
                let policy = snapshot.governing(workload, namespace)?;
                Some(standing(snapshot, workload.into(), namespace, policy, now))
            });
        self.settle(index, namespace, report, judged)
    }

    /// Remembers what a subject came to, or forgets it. Returns its report where that differs from the one stored.
    fn settle(
        &mut self,
        index: &Index,
        namespace: &str,
        report: String,
        judged: Option<Standing>,
    ) -> Option<(Key, Option<Subject>)> {
        let key = (namespace.to_owned(), report.clone());
        let stored = index.stored.get(&key);
        let Some(standing) = judged else {
            if let Some(standings) = self.by_namespace.get_mut(namespace) {
                standings.remove(&report);
                if standings.is_empty() {
                    self.by_namespace.remove(namespace);
                }
            }
            return stored.is_some().then_some((key, None));
        };
        let differs = stored != Some(standing.fingerprint);
        let subject = standing.subject.clone();
        let standings = self.by_namespace.entry(namespace.to_owned()).or_default();
        standings.insert(report, standing);
        differs.then_some((key, Some(subject)))
    }

    /// Every report that differs from the one stored, as for a replica that begins to lead.
    pub(super) fn all_differing(&self, index: &Index) -> Differences {
        let wanted = self
            .by_namespace
            .iter()
            .flat_map(|(namespace, standings)| differing(index, namespace, standings));
        let known = |namespace: &String| self.by_namespace.contains_key(namespace);
        let orphans = index
            .stored
            .keys()
            .filter(|(namespace, _)| !known(namespace))
            .map(|key| (key.clone(), None));
        wanted.chain(orphans).collect()
    }

    /// What the subjects of a namespace came to.
    pub(super) fn of_namespace(&self, namespace: &str) -> impl Iterator<Item = &Standing> {
        self.by_namespace
            .get(namespace)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// What exceptions do in a namespace: for each subject, by kind and name.
    pub(super) fn effects<'a>(
        &'a self,
        namespace: &'a str,
    ) -> impl Iterator<Item = (&'a str, String, &'a [Effect])> {
        let standings = self.of_namespace(namespace);
        standings.map(move |standing| {
            let name = standing.subject.display_name(namespace);
            (namespace, name, standing.effects.as_ref())
        })
    }

    /// The workloads that a policy governs, with their namespaces: a namespace's own report is in no count.
    pub(super) fn of_policy(&self, policy: &str) -> impl Iterator<Item = (&str, &Standing)> {
        self.by_namespace
            .iter()
            .flat_map(|(namespace, standings)| {
                standings
                    .values()
                    .map(move |standing| (namespace.as_str(), standing))
            })
            .filter(move |(_, standing)| {
                *standing.policy == *policy && standing.subject != Subject::Namespace
            })
    }
}

/// What a report should say at a moment; nothing where there should be none.
pub(super) fn wanted(
    snapshot: &Snapshot,
    namespace: &str,
    subject: &Subject,
    now: Timestamp,
) -> Option<Wanted> {
    match subject {
        Subject::Workload(kind, name) => {
            let workload = snapshot.cluster.workload(*kind, namespace, name)?;
            let policy = snapshot.governing(workload, namespace)?;
            let owner = Owner {
                api_version: kind.api_version(),
                kind: kind.as_str(),
                name: workload.metadata.name.clone(),
                uid: workload.metadata.uid.clone(),
            };
            Some(wanted_of(
                snapshot,
                workload.into(),
                namespace,
                policy,
                owner,
                now,
            ))
        }
        Subject::Namespace => {
            let policy = snapshot.governing_namespace(namespace)?;
            let around = snapshot.cluster.around(namespace);
            let object = around.namespace_object().known();
            let subject = subject::Subject::Namespace(namespace);
            let owner = Owner {
                api_version: subject.api_version(),
                kind: subject.kind(),
                name: namespace.to_owned(),
                uid: object.and_then(|object| object.metadata.uid.clone()),
            };
            Some(wanted_of(snapshot, subject, namespace, policy, owner, now))
        }
    }
}

fn wanted_of(
    snapshot: &Snapshot,
    subject: subject::Subject<'_>,
    namespace: &str,
    policy: &Policy,
    owner: Owner,
    now: Timestamp,
) -> Wanted {
    let judgement = judge(subject, snapshot.cluster.around(namespace), policy, now);
    let scored = score(&judgement, policy.thresholds);
    Wanted {
        spec: report::spec(subject, policy),
        status: report::status(subject, policy, &judgement, &scored, Extent::Bounded),
        owner,
    }
}

/// What something else controls is judged there, or nowhere.
fn is_judged(workload: &Workload) -> bool {
    let may_be_made = matches!(
        workload.kind,
        WorkloadKind::Pod | WorkloadKind::ReplicaSet | WorkloadKind::Job
    );
    !may_be_made || workload.metadata.controller().is_none()
}

fn judge_namespace(
    snapshot: &Snapshot,
    namespace: &str,
    now: Timestamp,
) -> BTreeMap<String, Standing> {
    let workloads = snapshot
        .cluster
        .namespace(namespace)
        .into_iter()
        .flat_map(|objects| objects.workloads.values());
    let judged = workloads.filter(|workload| is_judged(workload));
    let standings = judged.filter_map(|workload| {
        let policy = snapshot.governing(workload, namespace)?;
        Some((
            report::name(workload.kind.as_str(), workload.name()),
            standing(snapshot, workload.into(), namespace, policy, now),
        ))
    });
    let own = namespace_standing(snapshot, namespace, now).map(|standing| {
        let name = subject::Subject::Namespace(namespace).report_name();
        (name, standing)
    });
    standings.chain(own).collect()
}

/// How a namespace itself fares; nothing where nothing runs in it and nothing is wrong.
fn namespace_standing(snapshot: &Snapshot, namespace: &str, now: Timestamp) -> Option<Standing> {
    let objects = snapshot.cluster.namespace(namespace)?;
    let policy = snapshot.governing_namespace(namespace)?;
    let standing = standing(
        snapshot,
        subject::Subject::Namespace(namespace),
        namespace,
        policy,
        now,
    );
    let is_wrong = standing.score.is_some_and(|score| score < 100) || !standing.effects.is_empty();
    (is_wrong || !objects.workloads.is_empty()).then_some(standing)
}

fn standing(
    snapshot: &Snapshot,
    subject: subject::Subject<'_>,
    namespace: &str,
    policy: &Policy,
    now: Timestamp,
) -> Standing {
    let around = snapshot.cluster.around(namespace);
    let judgement = judge(subject, around, policy, now);
    let scored = score(&judgement, policy.thresholds);
    let status = report::status(subject, policy, &judgement, &scored, Extent::Bounded);
    Standing {
        policy: Arc::clone(&policy.name),
        score: scored.total,
        verdict: scored.verdict,
        categories: scored.categories.into(),
        would_deny: !objections(subject, around, policy, now, &judgement).is_empty(),
        forgiven: judgement.exceptions.forgiven.len(),
        score_without: judgement.exceptions.score_without.or(scored.total),
        effects: judgement.exceptions.effects.into(),
        fingerprint: Fingerprint::new(&report::spec(subject, policy), &status),
        subject: match subject {
            subject::Subject::Workload(workload) => {
                Subject::Workload(workload.kind, workload.name().into())
            }
            subject::Subject::Namespace(_) => Subject::Namespace,
        },
    }
}

/// The reports of a namespace that are missing, say something else, or should not be there.
fn differing(
    index: &Index,
    namespace: &str,
    standings: &BTreeMap<String, Standing>,
) -> Vec<(Key, Option<Subject>)> {
    let key = |name: &String| (namespace.to_owned(), name.clone());
    let changed = standings
        .iter()
        .filter(|(name, standing)| index.stored.get(&key(name)) != Some(standing.fingerprint))
        .map(|(name, standing)| (key(name), Some(standing.subject.clone())));
    let stored = index.stored.of_namespace(namespace);
    let orphans = stored
        .filter(|(_, name)| !standings.contains_key(name))
        .map(|key| (key.clone(), None));
    changed.chain(orphans).collect()
}
