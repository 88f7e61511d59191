//! The examples beside the checks: read from their files, made into objects, judged.
//!
//! A fenced block is one example; its info string says what is put around it (`pod`: a Deployment's pod spec,
//! and so on; nothing: whole objects). A comment `# fails: text` stands on the line to which the finding's
//! pointer leads, or alone in front of the block where that line is in what is put around it; several on one
//! line are separated by `; fails:`. `# surroundings: live` means a cluster of which nobody knows who wrote what.
//! `# unknown: text` stands alone.
#![allow(dead_code, reason = "each test uses a part of it")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing helper must end its test"
)]

mod markdown;
mod wrapping;

use std::{borrow::Cow, fs, path::Path, sync::LazyLock};

use prodready_engine::{
    api::report::{Finding, ReadinessReportStatus},
    check::{Ask, Check},
    checks,
    judge::judge,
    object::{
        Kind, Resource, Workload,
        resource::{Known, Scope},
    },
    policy::Policy,
    report::{self, Extent},
    schema::Schema,
    score::score,
    surroundings::{Cluster, Completeness},
};
use prodready_manifest::{Limits, Node, objects, parse};
use serde_json::{Value, json};

pub(crate) use markdown::Block;

/// Read once for all examples.
static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::kubernetes);

/// One example of a check.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// The check.
    pub(crate) check: &'static Check,
    /// File, line and heading.
    pub(crate) place: String,
    /// What is expected.
    pub(crate) block: Block,
    /// The whole objects as YAML.
    pub(crate) text: String,
    /// How many lines of what is put around stand before the block.
    lines_before: usize,
}

/// A finding by its line in the block, 0 for what is put around it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    /// The line.
    pub(crate) line: usize,
    /// What is said.
    pub(crate) message: String,
}

/// What judging an example came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The findings.
    pub(crate) told: Vec<Told>,
    /// Why the check could not tell.
    pub(crate) unknown: Vec<String>,
}

/// A workload of an example with its node in the text.
pub(crate) struct Subject<'a> {
    /// The workload.
    pub(crate) workload: Workload,
    /// Where it stands.
    pub(crate) node: Node<'a>,
}

/// Every example of every check, in the order of the catalogue.
pub(crate) fn all() -> Vec<Example> {
    checks::all().flat_map(of_check).collect()
}

/// The file beside a check.
pub(crate) fn file_of(check: &Check) -> String {
    let category = check.category.to_string().to_lowercase();
    format!("src/checks/{category}/{}.md", check.id.replace('-', "_"))
}

/// The examples of one check.
#[allow(
    clippy::disallowed_methods,
    reason = "examples stand in files beside the checks; the engine alone reads none"
)]
pub(crate) fn of_check(check: &'static Check) -> Vec<Example> {
    let file = file_of(check);
    // The tests of the cluster use these examples too.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let engine = here.join("crates/engine");
    let path = if engine.is_dir() { &engine } else { here }.join(&file);
    let text = fs::read_to_string(&path).unwrap_or_else(|err| panic!("{file}: {err}"));
    let blocks = markdown::blocks(&text);
    blocks
        .into_iter()
        .map(|block| {
            let (text, lines_before) = wrapping::whole(&block.around, &block.lines);
            Example {
                check,
                place: format!("{file}:{} ({})", block.line, block.heading),
                block,
                text,
                lines_before,
            }
        })
        .collect()
}

impl Example {
    /// The policy that asks this check alone, with the example's parameters.
    pub(crate) fn policy(&self) -> Policy {
        self.whole_policy().narrowed_to(&[self.check])
    }

    /// The policy of the scale profile, with the example's parameters.
    pub(crate) fn whole_policy(&self) -> Policy {
        let parameters: Vec<Value> = self
            .block
            .parameters
            .iter()
            .map(|(name, values)| match &values[..] {
                [value] if !self.block.is_list(name) => match value.parse::<i64>() {
                    Ok(number) => json!({"name": name, "value": number}),
                    Err(_) => json!({"name": name, "value": value}),
                },
                values => json!({"name": name, "values": values}),
            })
            .collect();
        let written = json!({
            "apiVersion": "prodready.dev/v1alpha1",
            "kind": "ProductionReadinessPolicy",
            "metadata": {"name": "example"},
            "spec": {
                "profile": "scale",
                "checks": [{"id": self.check.id, "enabled": true, "parameters": parameters}],
            },
        });
        let compiled = Policy::compile(&serde_json::from_value(written).unwrap());
        compiled.unwrap_or_else(|err| panic!("{}: {err:?}", self.place))
    }

    /// The objects as JSON.
    pub(crate) fn values(&self) -> Vec<Value> {
        let nodes = self.nodes();
        nodes
            .iter()
            .map(|node| serde_json::to_value(node).unwrap())
            .collect()
    }

    /// What stands around the example's workloads, and the workloads themselves.
    pub(crate) fn load(&self, turned: bool) -> (Cluster, Vec<Subject<'_>>) {
        let mut nodes = self.nodes();
        if turned {
            nodes.reverse();
        }
        let schema = &*SCHEMA;
        let mut cluster = Cluster::new(self.completeness());
        let mut subjects = Vec::new();
        for node in nodes {
            let text = |key| node.get(key).and_then(Node::as_str).unwrap_or_default();
            let Some(known) = Known::find(text("apiVersion"), text("kind")) else {
                continue;
            };
            let mut resource =
                Resource::read(known, &node).unwrap_or_else(|err| panic!("{}: {err}", self.place));
            let lives_in_none = resource
                .surrounding_kind()
                .is_some_and(|kind| kind == Kind::Namespace || kind.info().scope == Scope::Cluster);
            let metadata = resource.metadata_mut();
            if lives_in_none {
                metadata.namespace.clear();
            } else if metadata.namespace.is_empty() {
                "shop".clone_into(&mut metadata.namespace);
            }
            if self.block.surroundings != "live" {
                metadata.written_version = Some(text("apiVersion").into());
            }
            if let Resource::Workload(workload) = &mut resource {
                workload.metadata.schema_faults =
                    schema.faults(workload.kind, text("apiVersion"), &node);

                subjects.push(Subject {
                    workload: Workload::clone(workload),
                    node,
                });
            }
            cluster.insert(resource);
        }
        (cluster, subjects)
    }

    fn nodes(&self) -> Vec<Node<'_>> {
        let parsed = parse(&self.text, &Limits::default());
        assert!(
            parsed.errors.is_empty(),
            "{}: {:?}\n{}",
            self.place,
            parsed.errors,
            self.text
        );
        parsed.documents.into_iter().flat_map(objects).collect()
    }

    fn completeness(&self) -> Completeness {
        match self.block.surroundings.as_str() {
            "complete" | "live" => Completeness::complete(),
            "files" => Completeness::of_files(),
            "partial" => Completeness::partial("an example"),
            other => panic!("{}: unknown surroundings {other}", self.place),
        }
    }

    /// Judges the namespaces of an example.
    fn judge_namespaces(&self, cluster: &Cluster, policy: &Policy, outcome: &mut Outcome) {
        let nodes = self.nodes();
        for (namespace, _) in cluster.namespaces() {
            let subject = prodready_engine::subject::Subject::Namespace(namespace);
            let judgement = judge(subject, cluster.around(namespace), policy);
            let scored = score(&judgement, policy.thresholds);
            let status = report::status(subject, policy, &judgement, &scored, Extent::Full);
            outcome.told.extend(status.findings.iter().map(|finding| {
                let line = nodes
                    .iter()
                    .find(|node| is_meant(node, finding.object.as_deref(), namespace))
                    .map_or(0, |node| node.locate(&finding.pointer).line as usize);
                Told {
                    line: line.saturating_sub(self.lines_before),
                    message: finding.message.clone(),
                }
            }));
            let unknown = status.unknown.into_iter().map(|unknown| unknown.reason);
            outcome.unknown.extend(unknown);
        }
    }

    /// Judges the example.
    pub(crate) fn outcome(&self, turned: bool) -> Outcome {
        let policy = self.policy();
        let (cluster, subjects) = self.load(turned);
        let mut outcome = Outcome::default();
        if matches!(self.check.ask, Ask::Namespace(_)) {
            self.judge_namespaces(&cluster, &policy, &mut outcome);
        }
        for subject in &subjects {
            let status = status(&cluster, &subject.workload, &policy);
            outcome.told.extend(status.findings.iter().map(|finding| {
                let line = subject.node.locate(&finding.pointer).line as usize;
                Told {
                    line: line.saturating_sub(self.lines_before),
                    message: finding.message.clone(),
                }
            }));
            let unknown = status.unknown.into_iter().map(|unknown| unknown.reason);
            outcome.unknown.extend(unknown);
        }
        outcome
    }
}

/// Whether a node is the object of a finding: `Kind/name` of the namespace, or the namespace itself.
fn is_meant(node: &Node<'_>, object: Option<&str>, namespace: &str) -> bool {
    let text = |node: &Node<'_>, key| {
        let found = node.get(key).and_then(Node::as_str);
        found.unwrap_or_default().to_owned()
    };
    let metadata = node.get("metadata");
    let of_metadata = |key| {
        metadata
            .map(|metadata| text(metadata, key))
            .unwrap_or_default()
    };
    let (kind, name) = (text(node, "kind"), of_metadata("name"));
    match object {
        None => kind == "Namespace" && name == namespace,
        Some(object) => {
            let own = of_metadata("namespace");
            let own = if own.is_empty() { "shop" } else { &own };
            object == format!("{kind}/{name}") && (own == namespace || kind.starts_with("Cluster"))
        }
    }
}

/// The full status of a workload.
pub(crate) fn status(
    cluster: &Cluster,
    workload: &Workload,
    policy: &Policy,
) -> ReadinessReportStatus {
    let around = cluster.around(&workload.metadata.namespace);
    let judgement = judge(workload, around, policy);
    let scored = score(&judgement, policy.thresholds);
    report::status(workload, policy, &judgement, &scored, Extent::Full)
}

/// What makes two findings the same one.
pub(crate) fn identity(finding: &Finding) -> (String, Option<String>, String) {
    (
        finding.check.to_string(),
        finding.container.clone(),
        finding.message.clone(),
    )
}

/// What is wrong with a workload to which the fix of `finding` was applied: the finding is still there, another came
/// that passed before, or the score fell. A check that did not apply before may have its say: two replicas need a
/// budget, one does not.
pub(crate) fn wrong_after_fix(
    finding: &Finding,
    before: &ReadinessReportStatus,
    after: &ReadinessReportStatus,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_it = |left: &Finding| identity(left) == identity(finding);
    if after.findings.iter().any(is_it) {
        wrong.push(format!("still there after its fix: {}", finding.message));
    }
    let count = |findings: &[Finding], of: &Finding| {
        let same = |one: &&Finding| one.check == of.check && one.container == of.container;
        findings.iter().filter(same).count()
    };
    let applied = |check: &Cow<'static, str>| {
        before.passed.contains(check) || before.findings.iter().any(|old| old.check == *check)
    };
    for new in &after.findings {
        let more = count(&after.findings, new) > count(&before.findings, new);
        if more && applied(&new.check) {
            wrong.push(format!(
                "came with the fix of {:?}: {}",
                finding.message, new.message
            ));
        }
    }
    if after.score < before.score {
        let lost = before.passed.iter().filter(|id| !after.passed.contains(id));
        let lost: Vec<_> = lost.collect();
        wrong.push(format!(
            "the score fell from {:?} to {:?} by {:?}: {lost:?} no longer pass",
            before.score, after.score, finding.patch
        ));
    }
    wrong
}
