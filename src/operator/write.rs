//! Writes reports and policy statuses, by server-side apply, only what changed, and only while leading.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams},
};
use prodready_engine::api::{
    API_VERSION, policy::ProductionReadinessPolicy, policy_status::ProductionReadinessPolicyStatus,
    report::ReadinessReport,
};
use serde_json::{Value, json};
use tracing::warn;

use super::{
    index::Key,
    rescore::{Differences, Subject, Wanted, wanted},
};
use crate::{snapshot::Shared, telemetry::metrics::ReportMetrics};

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
}

impl Writer {
    /// Writes these reports as they should be now. Returns those that must be tried again.
    pub(super) async fn reports(&self, differences: Differences) -> Differences {
        let outcomes = stream::iter(differences).map(|(key, subject)| async {
            match self.report(&key, subject.as_ref()).await {
                Ok(result) => {
                    self.metrics.wrote(result);
                    None
                }
                Err(err) => {
                    self.metrics.wrote("error");
                    warn!(error = %err, namespace = key.0, report = key.1, "a report could not be written and is tried again");
                    Some((key, subject))
                }
            }
        });
        outcomes
            .buffer_unordered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await
    }

    async fn report(
        &self,
        key: &Key,
        subject: Option<&Subject>,
    ) -> Result<&'static str, kube::Error> {
        let (namespace, name) = key;
        let api: Api<ReadinessReport> = Api::namespaced(self.client.clone(), namespace);
        let snapshot = self.snapshot.load_full();
        let wanted = subject.and_then(|subject| wanted(&snapshot, namespace, subject));
        let written = match &wanted {
            None => api
                .delete(name, &DeleteParams::default())
                .await
                .map(|_| "deleted"),
            Some(wanted) => self.apply(&api, name, wanted).await.map(|()| "written"),
        };
        match written {
            // The namespace, or the report itself, went meanwhile.
            Err(kube::Error::Api(status)) if status.code == 404 => Ok("gone"),
            Err(kube::Error::Api(status))
                if status.code == 403 && status.message.contains("being terminated") =>
            {
                Ok("gone")
            }
            other => other,
        }
    }

    async fn apply(
        &self,
        api: &Api<ReadinessReport>,
        name: &str,
        wanted: &Wanted,
    ) -> Result<(), kube::Error> {
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
        api.patch_status(name, &by, &Patch::Apply(&object)).await?;
        Ok(())
    }

    /// Writes the status of a policy.
    pub(super) async fn policy_status(
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

/// The report goes with its workload.
fn owner(wanted: &Wanted) -> Vec<Value> {
    let workload = &wanted.workload;
    let uid = workload.metadata.uid.iter();
    uid.map(|uid| {
        json!({
            "apiVersion": workload.kind.api_version(),
            "kind": workload.kind.as_str(),
            "name": workload.metadata.name,
            "uid": uid,
        })
    })
    .collect()
}
