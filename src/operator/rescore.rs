//! Judges again what a change may have touched, and says which reports differ from those stored.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use prodready_engine::{
    api::{
        report::{ReadinessReportSpec, ReadinessReportStatus},
        vocabulary::{Verdict, WorkloadKind},
    },
    gate,
    judge::judge,
    object::Workload,
    policy::Policy,
    report::{self, Extent},
    score::{CategoryTotal, score},
};

use super::{
    index::{Dirty, Index, Key},
    stored::Fingerprint,
};
use crate::snapshot::Snapshot;

/// What is remembered of a judged workload, for the status of its policy.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) policy: Arc<str>,
    pub(super) kind: WorkloadKind,
    pub(super) name: Box<str>,
    pub(super) score: Option<u8>,
    pub(super) verdict: Verdict,
    pub(super) categories: Box<[CategoryTotal]>,
    pub(super) would_deny: bool,
    fingerprint: Fingerprint,
}

impl Standing {
    fn subject(&self) -> Subject {
        Subject {
            kind: self.kind,
            name: self.name.clone(),
        }
    }
}

/// The workload that a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    kind: WorkloadKind,
    name: Box<str>,
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
    pub(super) workload: Arc<Workload>,
}

impl Standings {
    /// Judges what is dirty again. Returns the reports that differ from those stored, and how many
    /// workloads were judged.
    pub(super) fn update(
        &mut self,
        index: &Index,
        snapshot: &Snapshot,
        dirty: &Dirty,
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
            let standings = judge_namespace(snapshot, &namespace);
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
            differ.extend(self.judge_alone(index, snapshot, namespace, *kind, name));
        }
        (differ, judged)
    }

    /// Judges one workload again, or forgets it. Returns its report where that differs from the one stored.
    fn judge_alone(
        &mut self,
        index: &Index,
        snapshot: &Snapshot,
        namespace: &str,
        kind: WorkloadKind,
        name: &str,
    ) -> Option<(Key, Option<Subject>)> {
        let report = report::name(kind.as_str(), name);
        let key = (namespace.to_owned(), report.clone());
        let judged = snapshot
            .cluster
            .workload(kind, namespace, name)
            .and_then(|workload| {
                let policy = snapshot.governing(workload, namespace)?;
                Some(standing(snapshot, workload, namespace, policy))
            });
        let stored = index.stored.get(&key);
        let Some(standing) = judged else {
            if let Some(standings) = self.by_namespace.get_mut(namespace) {
                standings.remove(&report);
            }
            return stored.is_some().then_some((key, None));
        };
        let differs = stored != Some(standing.fingerprint);
        let subject = standing.subject();
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

    /// The workloads that a policy governs, with their namespaces.
    pub(super) fn of_policy(&self, policy: &str) -> impl Iterator<Item = (&str, &Standing)> {
        self.by_namespace
            .iter()
            .flat_map(|(namespace, standings)| {
                standings
                    .values()
                    .map(move |standing| (namespace.as_str(), standing))
            })
            .filter(move |(_, standing)| *standing.policy == *policy)
    }
}

/// What a report should say now; nothing where there should be none.
pub(super) fn wanted(snapshot: &Snapshot, namespace: &str, subject: &Subject) -> Option<Wanted> {
    let workload = snapshot
        .cluster
        .workload(subject.kind, namespace, &subject.name)?;
    let policy = snapshot.governing(workload, namespace)?;
    let judged = judged(snapshot, workload, namespace, policy);
    Some(Wanted {
        spec: judged.0,
        status: judged.1,
        workload: Arc::clone(workload),
    })
}

fn judge_namespace(snapshot: &Snapshot, namespace: &str) -> BTreeMap<String, Standing> {
    let workloads = snapshot
        .cluster
        .namespace(namespace)
        .into_iter()
        .flat_map(|objects| objects.workloads.values());
    let standings = workloads.filter_map(|workload| {
        let policy = snapshot.governing(workload, namespace)?;
        Some((
            report::name(workload.kind.as_str(), workload.name()),
            standing(snapshot, workload, namespace, policy),
        ))
    });
    standings.collect()
}

fn standing(
    snapshot: &Snapshot,
    workload: &Workload,
    namespace: &str,
    policy: &Policy,
) -> Standing {
    let judgement = judge(workload, snapshot.cluster.around(namespace), policy);
    let scored = score(&judgement, policy.thresholds);
    let status = report::status(workload, policy, &judgement, &scored, Extent::Bounded);
    Standing {
        policy: Arc::clone(&policy.name),
        kind: workload.kind,
        name: workload.name().into(),
        score: scored.total,
        verdict: scored.verdict,
        categories: scored.categories.into(),
        would_deny: !gate::objections(&judgement, policy).is_empty(),
        fingerprint: Fingerprint::new(&report::spec(workload, policy), &status),
    }
}

fn judged(
    snapshot: &Snapshot,
    workload: &Workload,
    namespace: &str,
    policy: &Policy,
) -> (ReadinessReportSpec, ReadinessReportStatus) {
    let judgement = judge(workload, snapshot.cluster.around(namespace), policy);
    let scored = score(&judgement, policy.thresholds);
    (
        report::spec(workload, policy),
        report::status(workload, policy, &judgement, &scored, Extent::Bounded),
    )
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
        .map(|(name, standing)| (key(name), Some(standing.subject())));
    let stored = index.stored.of_namespace(namespace);
    let orphans = stored
        .filter(|(_, name)| !standings.contains_key(name))
        .map(|key| (key.clone(), None));
    changed.chain(orphans).collect()
}
