//! Writes reports and policy statuses, by server-side apply, only what changed, and only while leading.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, Preconditions},
};
use prodready_engine::api::{
    API_VERSION, exception::ReadinessException, policy::ProductionReadinessPolicy,
    policy_status::ProductionReadinessPolicyStatus,
};
use serde_json::{Value, json};
use tracing::{info, warn};

use super::{
    announce,
    exception_status::{Due, Statuses},
    index::Key,
    pruning::Prune,
    rescore::{Differences, Subject, Wanted, wanted},
    stored::{Stored, Told},
};
use crate::{partial::StoredReport, snapshot::Shared, telemetry::metrics::ReportMetrics};

/// Who writes, for server-side apply.
const FIELD_MANAGER: &str = "prodready-operator";

/// Writes under way at once: enough to keep the API server busy, few enough to leave it to others too.
const AT_ONCE: usize = 16;

/// Writes what the API server should hold.
#[derive(Clone)]
pub(super) struct Writer {
    pub(super) client: Client,
    pub(super) snapshot: Shared,
    pub(super) metrics: Arc<ReportMetrics>,
    /// The name of this replica.
    pub(super) identity: String,
}

/// What became of a write.
enum Outcome {
    /// The report stands there so.
    Written(Told),
    /// There is no such report, or its namespace is going.
    Gone,
}

impl Writer {
    /// Writes these reports as they should be now, and takes in what the API server made of them. Returns those
    /// that must be tried again.
    pub(super) async fn reports(
        &self,
        differences: Differences,
        stored: &mut Stored,
    ) -> Differences {
        let outcomes = stream::iter(differences).map(|(key, subject)| async {
            let outcome = self.report(&key, subject.as_ref()).await;
            (key, subject, outcome)
        });
        let mut outcomes = outcomes.buffer_unordered(AT_ONCE);
        let mut again = Differences::new();
        while let Some((key, subject, outcome)) = outcomes.next().await {
            match outcome {
                Ok(Outcome::Written(told)) => {
                    self.metrics.wrote("written");
                    stored.apply(told);
                }
                Ok(Outcome::Gone) => {
                    self.metrics.wrote("deleted");
                    stored.remove(&key);
                }
                Err(err) => {
                    self.metrics.wrote("error");
                    warn!(error = %err, namespace = key.0, report = key.1, "a report could not be written and is tried again");
                    again.insert(key, subject);
                }
            }
        }
        again
    }

    async fn report(&self, key: &Key, subject: Option<&Subject>) -> Result<Outcome, kube::Error> {
        let (namespace, name) = key;
        let api: Api<StoredReport> = Api::namespaced(self.client.clone(), namespace);
        let snapshot = self.snapshot.load_full();
        let wanted =
            subject.and_then(|subject| wanted(&snapshot, namespace, subject, Timestamp::now()));
        let written = match &wanted {
            None => {
                let deleted = api.delete(name, &DeleteParams::default()).await;
                deleted.map(|_| Outcome::Gone)
            }
            Some(wanted) => self.apply(&api, name, wanted).await,
        };
        match written {
            // The namespace, or the report itself, went meanwhile.
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(Outcome::Gone),
            Err(kube::Error::Api(status))
                if status.code == 403 && status.message.contains("being terminated") =>
            {
                Ok(Outcome::Gone)
            }
            other => other,
        }
    }

    async fn apply(
        &self,
        api: &Api<StoredReport>,
        name: &str,
        wanted: &Wanted,
    ) -> Result<Outcome, kube::Error> {
        let by = PatchParams::apply(FIELD_MANAGER).force();
        let object = json!({
            "apiVersion": API_VERSION,
            "kind": "ReadinessReport",
            "metadata": {
                "name": name,
                "labels": {"app.kubernetes.io/managed-by": "prodready"},
                "ownerReferences": owner(wanted),
            },
            "spec": wanted.spec,
        });
        api.patch(name, &by, &Patch::Apply(&object)).await?;
        let mut status = wanted.status.clone();
        status.observed_time = Some(Time(Timestamp::now()));
        let object =
            json!({"apiVersion": API_VERSION, "kind": "ReadinessReport", "status": status});
        let written = api.patch_status(name, &by, &Patch::Apply(&object)).await?;
        Ok(Outcome::Written(Told::from(&written)))
    }

    /// Writes the statuses of exceptions. Returns the namespaces in which one must be tried again.
    pub(super) async fn exception_statuses(&self, statuses: Statuses) -> Vec<String> {
        let outcomes = stream::iter(statuses).map(|((namespace, name), due)| async move {
            let written = self.exception_status(&namespace, &name, due).await;
            written.err().map(|err| {
                warn!(error = %err, namespace, exception = name, "an exception's status could not be written and is tried again");
                namespace
            })
        });
        let outcomes = outcomes.buffer_unordered(AT_ONCE);
        outcomes.filter_map(std::future::ready).collect().await
    }

    /// What is told comes first: once the status says so too, it is told no more.
    async fn exception_status(
        &self,
        namespace: &str,
        name: &str,
        Due { status, event }: Due,
    ) -> Result<(), kube::Error> {
        if let Some(event) = event {
            announce::publish(&self.client, event, &self.identity).await?;
        }
        let api: Api<ReadinessException> = Api::namespaced(self.client.clone(), namespace);
        let by = PatchParams::apply(FIELD_MANAGER).force();
        let object =
            json!({"apiVersion": API_VERSION, "kind": "ReadinessException", "status": status});
        match api.patch_status(name, &by, &Patch::Apply(&object)).await {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            other => other.map(drop),
        }
    }

    /// Takes what is paid out of baselines. What cannot be written is told of again.
    pub(super) async fn prune(&self, prunes: impl IntoIterator<Item = Prune>) {
        let writes = stream::iter(prunes).map(|prune| async move {
            let Prune { key: (namespace, name), paid, .. } = &prune;
            match self.prune_one(&prune).await {
                Ok(true) => info!(namespace, exception = name, paid = paid.join(", "), "what is paid is no longer in the baseline"),
                Ok(false) => {}
                Err(err) => warn!(error = %err, namespace, exception = name, "what is paid could not be taken out of the baseline, which is tried again"),
            }
        });
        writes.buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    /// Says whether something was written: only what was looked at is, never what somebody made of it since.
    async fn prune_one(&self, prune: &Prune) -> Result<bool, kube::Error> {
        let (namespace, name) = &prune.key;
        let api: Api<ReadinessException> = Api::namespaced(self.client.clone(), namespace);
        let Some(stored) = api.get_opt(name).await? else {
            return Ok(false);
        };
        let stored = stored.metadata;
        if stored.uid != prune.uid || stored.generation != prune.generation {
            return Ok(false);
        }
        let version = stored.resource_version;
        let written = if prune.left.is_empty() {
            let only_this = DeleteParams::default().preconditions(Preconditions {
                resource_version: version,
                uid: stored.uid,
            });
            api.delete(name, &only_this).await.map(drop)
        } else {
            let by = PatchParams {
                field_manager: Some(FIELD_MANAGER.to_owned()),
                ..PatchParams::default()
            };
            let fewer = json!({
                "metadata": {"resourceVersion": version},
                "spec": {"checks": prune.left},
            });
            api.patch(name, &by, &Patch::Merge(&fewer)).await.map(drop)
        };
        match written {
            // It went, or somebody changed it, in between.
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(false),
            other => other.map(|()| true),
        }
    }

    /// Writes the status of a policy; what cannot be written is tried again with the next look at it.
    pub(super) async fn tell(&self, policy: &str, status: &ProductionReadinessPolicyStatus) {
        if let Err(err) = self.policy_status(policy, status).await {
            warn!(error = %err, policy, "a policy's status could not be written and is tried again");
        }
    }

    async fn policy_status(
        &self,
        name: &str,
        status: &ProductionReadinessPolicyStatus,
    ) -> Result<(), kube::Error> {
        let api: Api<ProductionReadinessPolicy> = Api::all(self.client.clone());
        let by = PatchParams::apply(FIELD_MANAGER).force();
        let object = json!({"apiVersion": API_VERSION, "kind": "ProductionReadinessPolicy", "status": status});
        match api.patch_status(name, &by, &Patch::Apply(&object)).await {
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            other => other.map(drop),
        }
    }
}

/// The report goes with its subject.
fn owner(wanted: &Wanted) -> Vec<Value> {
    let owner = &wanted.owner;
    let uid = owner.uid.iter();
    uid.map(|uid| {
        json!({
            "apiVersion": owner.api_version,
            "kind": owner.kind,
            "name": owner.name,
            "uid": uid,
        })
    })
    .collect()
}
