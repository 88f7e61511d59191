//! What is dangerous about a policy that can be used: told in its status, and not refused.

use std::time::{Duration, Instant};

use prodready_engine::{
    api::{condition::ConditionStatus, vocabulary::Mode},
    object::selector::LabelSelector,
    policy::Policy,
    surroundings::{Cluster, NamespaceEditor},
};

use super::{policy_status::Told, protection::Protected, rescore::Standings};
use crate::webhook::reach::NAMESPACE_NAME;

/// How often it is looked who may change the labels of a namespace: in a large cluster that is much to read.
const EVERY: Duration = Duration::from_secs(30);

/// How many names a message spells out.
const NAMED: usize = 5;

/// Who may change the labels of namespaces, as of a little while ago.
#[derive(Debug, Default)]
pub(super) struct Editors {
    found: Vec<NamespaceEditor>,
    at: Option<Instant>,
}

impl Editors {
    /// Looks again, where it is time.
    pub(super) fn refresh(&mut self, cluster: &Cluster) -> &[NamespaceEditor] {
        if self.at.is_none_or(|at| at.elapsed() >= EVERY) {
            self.found = cluster.namespace_editors();
            self.at = Some(Instant::now());
        }
        &self.found
    }
}

/// What is known beside the policy.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) own_namespace: &'a str,
    pub(super) protected: &'a Protected,
    pub(super) editors: &'a [NamespaceEditor],
}

/// The condition that says whether a policy is dangerous.
pub(super) fn safe(policy: &Policy, known: Known<'_>, standings: &Standings) -> Told {
    let found: Vec<(&'static str, String)> = match policy.enforcement.mode {
        Mode::Audit => Vec::new(),
        Mode::Warn | Mode::Enforce => [
            denies_protected(policy, known, standings),
            selects_own_namespace(policy, known),
            editable_namespaces(policy, known),
            editable_workloads(policy),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    let Some((reason, _)) = found.first() else {
        let told = "nothing about it is dangerous".to_owned();
        return ("Safe", ConditionStatus::True, "Safe", told);
    };
    let told: Vec<&str> = found.iter().map(|(_, told)| told.as_str()).collect();
    ("Safe", ConditionStatus::False, reason, told.join("; "))
}

fn denies_protected(
    policy: &Policy,
    known: Known<'_>,
    standings: &Standings,
) -> Option<(&'static str, String)> {
    let denied = standings
        .of_policy(&policy.name)
        .filter(|(namespace, standing)| {
            standing.would_deny && known.protected.contains_key(*namespace)
        });
    let denied: Vec<String> = denied
        .map(|(namespace, standing)| {
            format!(
                "{} in {namespace}",
                standing.subject.display_name(namespace)
            )
        })
        .collect();
    (!denied.is_empty()).then(|| {
        let told = format!(
            "it would deny what the cluster needs: {}; the gate leaves these namespaces alone, excludedNamespaces \
             says so for good",
            first_of(&denied)
        );
        ("DeniesProtected", told)
    })
}

fn selects_own_namespace(policy: &Policy, known: Known<'_>) -> Option<(&'static str, String)> {
    selects(policy, known, known.own_namespace).then(|| {
        let told = format!(
            "it selects the gate's own namespace {}, which the gate leaves alone; excludedNamespaces says so for good",
            known.own_namespace
        );
        ("SelectsOwnNamespace", told)
    })
}

fn editable_namespaces(policy: &Policy, known: Known<'_>) -> Option<(&'static str, String)> {
    let selector = policy.selection.namespaces.as_ref()?;
    let keys = keys(selector);
    if keys.is_empty() {
        return None;
    }
    let editors: Vec<String> = known
        .editors
        .iter()
        .filter(|editor| !known.protected.contains_key(&editor.namespace))
        .map(|editor| format!("{} in {}", editor.binding, editor.namespace))
        .collect();
    (!editors.is_empty()).then(|| {
        let told = format!(
            "its namespaceSelector goes by {}, which may be changed by who is bound by {}",
            keys.join(", "),
            first_of(&editors)
        );
        ("EditableSelector", told)
    })
}

/// Nobody but the API server sets a namespace's name.
fn keys(selector: &LabelSelector) -> Vec<&str> {
    let labels = selector.match_labels.keys();
    let expressions = selector.match_expressions.iter();
    labels
        .chain(expressions.map(|requirement| &requirement.key))
        .map(String::as_str)
        .filter(|key| *key != NAMESPACE_NAME)
        .collect()
}

fn editable_workloads(policy: &Policy) -> Option<(&'static str, String)> {
    policy.selection.workloads.as_ref().map(|_| {
        let told =
            "its workloadSelector goes by labels that everybody may set who may change a workload"
                .to_owned();
        ("EditableSelector", told)
    })
}

/// The protected namespaces that a policy selects.
pub(super) fn protected_and_selected<'a>(
    policy: &Policy,
    known: Known<'a>,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    known
        .protected
        .iter()
        .filter(move |(namespace, _)| selects(policy, known, namespace))
}

fn selects(policy: &Policy, known: Known<'_>, namespace: &str) -> bool {
    let labels = known.cluster.around(namespace).namespace_labels();
    policy.selection.reaches(namespace, &labels)
}

fn first_of(names: &[String]) -> String {
    let shown = &names[..names.len().min(NAMED)];
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
