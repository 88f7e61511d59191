//! Every fix of every example on the API server, as `kubectl patch --type=json --dry-run=server` sends it.

use futures::{StreamExt as _, stream};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::{
    Api, Client, ResourceExt as _,
    api::{
        ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams,
    },
};
use prodready_engine::{
    api::{report::Finding, vocabulary::WorkloadKind},
    fix,
    object::{Resource, Workload},
    policy::Policy,
    surroundings::Cluster,
};
use prodready_testkit::wait;
use serde_json::Value;

use crate::{
    examples::{self, Example, Subject, status, wrong_after_fix},
    support::{LIMIT, shared_installation},
};

/// How many requests wait for the API server at a time.
const AT_ONCE: usize = 12;

#[tokio::test]
async fn the_api_server_takes_every_fix_and_the_finding_is_gone() {
    let installation = shared_installation().await;
    let client = installation.plane.client();
    let examples = examples::all();
    let with_fix = examples
        .iter()
        .enumerate()
        .filter(|(_, example)| offers_fix(example));
    let results: Vec<Tried> = stream::iter(with_fix)
        .map(|(number, example)| tried(&client, number, example))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let fixes: usize = results.iter().map(|result| result.fixes).sum();
    let refused: usize = results.iter().map(|result| result.refused).sum();
    eprintln!(
        "{fixes} fixes of {} examples; {refused} workloads that the API server refuses",
        results.len()
    );
    let wrong: Vec<String> = results
        .into_iter()
        .flat_map(|result| result.wrong)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Few examples show what the API server refuses by itself.
    assert!(fixes > 10 * refused, "{refused} are refused, {fixes} tried");
}

/// What came of the fixes of one example.
#[derive(Default)]
struct Tried {
    fixes: usize,
    refused: usize,
    wrong: Vec<String>,
}

fn offers_fix(example: &Example) -> bool {
    let policy = example.policy();
    let (cluster, subjects) = example.load(false);
    subjects.iter().any(|subject| {
        let status = status(&cluster, &subject.workload, &policy);
        status.findings.iter().any(|one| !one.patch.is_empty())
    })
}

async fn tried(client: &Client, number: usize, example: &Example) -> Tried {
    let namespace = format!("fixes-{number}");
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let made = serde_json::from_value(serde_json::json!({"metadata": {"name": namespace}}));
    namespaces
        .create(&PostParams::default(), &made.unwrap())
        .await
        .unwrap();
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), &namespace);
    wait("the namespace's account is made", LIMIT, async || {
        accounts.get_opt("default").await.ok().flatten()
    })
    .await;
    let policy = example.whole_policy();
    let (mut cluster, subjects) = example.load(false);
    let mut result = Tried::default();
    for subject in &subjects {
        let room = Room {
            api: api(client, &namespace, subject),
            subject,
            policy: &policy,
        };
        room.try_fixes(&mut cluster, example, &mut result).await;
    }
    let at_leisure = DeleteParams::background();
    namespaces.delete(&namespace, &at_leisure).await.unwrap();
    result
}

fn api(client: &Client, namespace: &str, subject: &Subject<'_>) -> Api<DynamicObject> {
    let kind = subject.workload.kind;
    let text = |key| subject.node.get(key).and_then(|node| node.as_str());
    let version = text("apiVersion").unwrap();
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let kind = GroupVersionKind::gvk(group, version, kind.as_str());
    Api::namespaced_with(client.clone(), namespace, &ApiResource::from_gvk(&kind))
}

/// One workload of an example in its namespace.
struct Room<'a> {
    api: Api<DynamicObject>,
    subject: &'a Subject<'a>,
    policy: &'a Policy,
}

impl Room<'_> {
    async fn try_fixes(&self, cluster: &mut Cluster, example: &Example, result: &mut Tried) {
        let mut written: DynamicObject =
            serde_json::from_value(serde_json::to_value(&self.subject.node).unwrap()).unwrap();
        written.metadata.namespace = None;
        let stored = match self.api.create(&PostParams::default(), &written).await {
            Ok(stored) => stored,
            Err(err) => {
                eprintln!("{}: {err}", example.place);
                result.refused += 1;
                return;
            }
        };
        let workload = self.read(&stored);
        cluster.insert(Resource::Workload(Box::new(workload.clone())));
        let before = status(cluster, &workload, self.policy);
        let own = before
            .findings
            .iter()
            .filter(|finding| finding.check == example.check.id && !finding.patch.is_empty());
        for finding in own {
            result.fixes += 1;
            let mended = match self.mend(&stored, finding).await {
                Ok(mended) => self.read(&mended),
                Err(reason) => {
                    let place = &example.place;
                    let patch = &finding.patch;
                    result.wrong.push(format!("{place}: {reason}: {patch:?}"));
                    continue;
                }
            };
            cluster.insert(Resource::Workload(Box::new(mended.clone())));
            let after = status(cluster, &mended, self.policy);
            let wrong = wrong_after_fix(finding, &before, &after);
            let wrong = wrong.into_iter();
            result
                .wrong
                .extend(wrong.map(|what| format!("{}: {what}", example.place)));
            cluster.insert(Resource::Workload(Box::new(workload.clone())));
        }
    }

    /// As the engine reads it, among the example's other objects. How it fares is left out: a controller may write
    /// that between the fix and what was before.
    fn read(&self, object: &DynamicObject) -> Workload {
        let mut value = serde_json::to_value(object).unwrap();
        value.as_object_mut().unwrap().remove("status");
        let mut workload = Workload::read(self.subject.workload.kind, value).unwrap();
        let written = &self.subject.workload.metadata;
        workload.metadata.name.clone_from(&written.name);
        workload.metadata.namespace.clone_from(&written.namespace);
        workload
            .metadata
            .written_version
            .clone_from(&written.written_version);
        workload
    }

    /// Patched by the API server, or made anew where the kind's pods cannot be changed.
    async fn mend(
        &self,
        stored: &DynamicObject,
        finding: &Finding,
    ) -> Result<DynamicObject, String> {
        let sent = match self.subject.workload.kind {
            WorkloadKind::Pod | WorkloadKind::Job => {
                let mut document = serde_json::to_value(stored).unwrap();
                fix::apply_patch(&mut document, &finding.patch)
                    .ok_or("the patch does not apply to what is stored")?;
                let anew = PostParams {
                    dry_run: true,
                    ..PostParams::default()
                };
                self.api.create(&anew, &made_anew(document)).await
            }
            _ => {
                let patch = serde_json::from_value(serde_json::json!(finding.patch));
                let patch = Patch::Json::<()>(patch.map_err(|err| err.to_string())?);
                let dry_run = PatchParams {
                    dry_run: true,
                    ..PatchParams::default()
                };
                self.api.patch(&stored.name_any(), &dry_run, &patch).await
            }
        };
        sent.map_err(|err| err.to_string())
    }
}

/// Without what the API server gave the stored one alone.
fn made_anew(mut document: Value) -> DynamicObject {
    let spec = &mut document["spec"];
    if let Some(spec) = spec.as_object_mut() {
        // Of a Job: found by the uid of the stored one.
        spec.remove("selector");
        spec.remove("nodeName");
    }
    if let Some(labels) = document.pointer_mut("/spec/template/metadata/labels") {
        let labels = labels.as_object_mut().unwrap();
        labels.retain(|key, _| !key.ends_with("controller-uid") && !key.ends_with("job-name"));
    }
    let mut object: DynamicObject = serde_json::from_value(document).unwrap();
    object.metadata.resource_version = None;
    object.metadata.uid = None;
    object.metadata.name = Some("mended".to_owned());
    object
}
