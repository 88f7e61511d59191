//! Workloads of every kind over one view of their pod template.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::{
    Pointer,
    container::{Container, ContainerClass},
    container_status::ContainerStatus,
    edge_policy::StatusCondition,
    lenient::null_is_default,
    metadata::{Labels, Metadata},
    pod::{PodSpec, PodTemplate},
    workload_spec::{CronSpec, WorkloadSpec},
};
use crate::api::vocabulary::WorkloadKind;

/// A workload: what runs, and how it is kept running.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Deployment, StatefulSet and so on.
    pub kind: WorkloadKind,
    /// Name, labels and owners of the workload itself.
    pub metadata: Metadata,
    /// What the kind's `spec` says, its pod template included.
    pub spec: WorkloadSpec,
    /// How it fares, where it runs.
    pub status: WorkloadStatus,
}

/// How a workload fares, as its controller says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadStatus {
    /// What holds of it.
    #[serde(deserialize_with = "null_is_default")]
    pub conditions: Vec<StatusCondition>,
    /// When a CronJob last ran, as RFC 3339.
    pub last_schedule_time: Option<String>,
    /// When a CronJob last ran well, as RFC 3339.
    pub last_successful_time: Option<String>,
    /// How a Pod's app containers fare.
    #[serde(deserialize_with = "null_is_default")]
    pub container_statuses: Vec<ContainerStatus>,
    /// How a Pod's init containers and native sidecars fare.
    #[serde(deserialize_with = "null_is_default")]
    pub init_container_statuses: Vec<ContainerStatus>,
}

impl WorkloadStatus {
    /// How the containers of a Pod fare; none for other kinds.
    pub fn containers(&self) -> impl Iterator<Item = &ContainerStatus> {
        self.init_container_statuses
            .iter()
            .chain(&self.container_statuses)
    }
}

/// With fewer restarts a container is never said to restart too often.
pub const FEWEST_RESTARTS: i64 = 3;

impl Workload {
    /// Reads a workload of a known kind.
    pub fn read<'de, D: Deserializer<'de>>(
        kind: WorkloadKind,
        deserializer: D,
    ) -> Result<Self, D::Error> {
        let (mut metadata, spec, status) = match kind {
            WorkloadKind::Pod => {
                let Bare {
                    mut metadata,
                    spec,
                    status,
                } = Bare::deserialize(deserializer)?;
                metadata.forget_last_applied();
                let template = PodTemplate {
                    metadata: template_metadata(&metadata),
                    spec,
                };
                let spec = WorkloadSpec {
                    template,
                    ..WorkloadSpec::default()
                };
                (metadata, spec, status)
            }
            WorkloadKind::CronJob => {
                let Scheduled {
                    metadata,
                    spec: scheduled,
                    status,
                } = Scheduled::deserialize(deserializer)?;
                let cron = CronSpec {
                    schedule: scheduled.schedule,
                    concurrency_policy: scheduled.concurrency_policy,
                    starting_deadline_seconds: scheduled.starting_deadline_seconds,
                    successful_jobs_history_limit: scheduled.successful_jobs_history_limit,
                    failed_jobs_history_limit: scheduled.failed_jobs_history_limit,
                    suspend: scheduled.suspend,
                    time_zone: scheduled.time_zone,
                };
                let spec = WorkloadSpec {
                    cron,
                    ..scheduled.job_template.spec
                };
                (metadata, spec, status)
            }
            WorkloadKind::Deployment
            | WorkloadKind::StatefulSet
            | WorkloadKind::DaemonSet
            | WorkloadKind::ReplicaSet
            | WorkloadKind::Job => {
                let Templated {
                    metadata,
                    spec,
                    status,
                } = Templated::deserialize(deserializer)?;
                (metadata, spec, status)
            }
        };
        metadata.forget_last_applied();
        Ok(Self {
            kind,
            metadata,
            spec,
            status,
        })
    }

    /// The object again, with no more in it than was read. A field that is absent here and known to
    /// [`WorkloadSpec`] is absent in the original too, so patches can be computed against it.
    pub fn document(&self) -> Value {
        let spec = match self.kind {
            WorkloadKind::Pod => to_value(self.pod()),
            WorkloadKind::CronJob => {
                let mut spec = to_value(&self.spec.cron);
                spec["jobTemplate"] = json!({"spec": to_value(&self.spec)});
                spec
            }
            _ => to_value(&self.spec),
        };
        let mut document = json!({"metadata": to_value(&self.metadata), "spec": spec});
        if self.status != WorkloadStatus::default() {
            document["status"] = to_value(&self.status);
        }
        drop_unwritten(&mut document);
        document
    }

    /// The pod.
    pub fn pod(&self) -> &PodSpec {
        &self.spec.template.spec
    }

    /// The labels of its pods, which is what Services and budgets select by.
    pub fn pod_labels(&self) -> &Labels {
        &self.spec.template.metadata.labels
    }

    /// Sets the number of replicas, also in what was written.
    pub fn scale(&mut self, replicas: i64) {
        self.spec.replicas = Some(replicas);
        if let Some(original) = &mut self.metadata.original {
            *original = original.with("/spec", "replicas", replicas.into());
        }
    }

    /// The account that its pods act as.
    pub fn account_name(&self) -> &str {
        let pod = self.pod();
        let written = pod
            .service_account_name
            .as_deref()
            .or(pod.deprecated_service_account.as_deref());
        written.filter(|name| !name.is_empty()).unwrap_or("default")
    }

    /// Where the pod stands in the object.
    pub fn pod_root(&self) -> &'static str {
        match self.kind {
            WorkloadKind::Pod => "/spec",
            WorkloadKind::CronJob => "/spec/jobTemplate/spec/template/spec",
            _ => "/spec/template/spec",
        }
    }

    /// A place within the pod, such as `/hostNetwork`.
    pub fn pod_at(&self, suffix: &str) -> Pointer {
        Pointer::new(self.pod_root()).join(suffix)
    }

    /// A place within the object, such as `/spec/replicas`.
    pub fn at(&self, path: &str) -> Pointer {
        Pointer::new(path)
    }

    /// All containers; see [`Container::all`].
    pub fn containers(&self) -> impl Iterator<Item = Container<'_>> {
        Container::all(&self.spec.template.spec, self.pod_root())
    }

    /// App containers, native sidecars and init containers, but not ephemeral ones.
    pub fn planned_containers(&self) -> impl Iterator<Item = Container<'_>> {
        self.containers()
            .filter(|container| container.class != ContainerClass::Ephemeral)
    }

    /// Whether Istio fills the container in when the pod is made, with image, ports and probes: its gateways are
    /// written so (<https://istio.io/latest/docs/setup/additional-setup/gateway/>).
    pub fn leaves_to_injector(&self, container: &Container<'_>) -> bool {
        const INJECT: &str = "sidecar.istio.io/inject";
        let pod = &self.spec.template.metadata;
        let asks = |marks: &Labels| marks.get(INJECT).is_some_and(|inject| inject == "true");
        container.spec.image == "auto" && (asks(&pod.labels) || asks(&pod.annotations))
    }

    /// Whether it is a Pod that a workload made.
    pub fn is_made_pod(&self) -> bool {
        self.kind == WorkloadKind::Pod && self.metadata.controller().is_some()
    }

    /// What is kept of a Pod that a workload made: nothing where it fares well, and otherwise whose it is and how it
    /// fares.
    pub fn into_trouble(self) -> Option<Self> {
        let mut containers = self.status.containers();
        let fares_ill = containers.any(|status| status.trouble(FEWEST_RESTARTS).is_some());
        drop(containers);
        fares_ill.then(|| Self {
            spec: WorkloadSpec::default(),
            ..self
        })
    }

    /// Whether its pods are meant to run until they are told to stop, and so can serve and be probed:
    /// not Jobs, not CronJobs, not a bare Pod that is not restarted or that a Job made.
    pub fn runs_for_ever(&self) -> bool {
        match self.kind {
            WorkloadKind::Deployment
            | WorkloadKind::StatefulSet
            | WorkloadKind::DaemonSet
            | WorkloadKind::ReplicaSet => true,
            WorkloadKind::Job | WorkloadKind::CronJob => false,
            WorkloadKind::Pod => {
                self.pod()
                    .restart_policy
                    .as_deref()
                    .is_none_or(|policy| policy == "Always")
                    && self
                        .metadata
                        .controller()
                        .is_none_or(|owner| owner.kind != "Job")
            }
        }
    }

    /// Whether a number of replicas is wanted of it.
    pub fn is_scalable(&self) -> bool {
        matches!(
            self.kind,
            WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::ReplicaSet
        )
    }

    /// How many pods are wanted, with the API server's default.
    pub fn replicas(&self) -> i64 {
        self.spec.replicas.unwrap_or(1)
    }

    /// `Deployment/cart`.
    pub fn display_name(&self) -> String {
        format!("{}/{}", self.kind.as_str(), self.name())
    }

    /// The name, or the prefix from which the API server is to make one up.
    pub fn name(&self) -> &str {
        match (&self.metadata.name, &self.metadata.generate_name) {
            (name, Some(prefix)) if name.is_empty() => prefix,
            (name, _) => name,
        }
    }
}

fn to_value<T: Serialize>(part: &T) -> Value {
    // Maps with text keys and plain numbers always have a JSON form.
    serde_json::to_value(part).unwrap_or_default()
}

/// Takes the parts out that every workload has here, and that are empty because nobody wrote them: a patch
/// cannot put anything into what is not there.
fn drop_unwritten(value: &mut Value) {
    let Some(fields) = value.as_object_mut() else {
        return;
    };
    for part in ["metadata", "spec", "template", "jobTemplate"] {
        if let Some(child) = fields.get_mut(part) {
            drop_unwritten(child);
            if child.as_object().is_some_and(serde_json::Map::is_empty) {
                fields.remove(part);
            }
        }
    }
}

fn template_metadata(metadata: &Metadata) -> super::pod::TemplateMetadata {
    super::pod::TemplateMetadata {
        labels: metadata.labels.clone(),
        annotations: metadata.annotations.clone(),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Bare {
    #[serde(deserialize_with = "null_is_default")]
    metadata: Metadata,
    #[serde(deserialize_with = "null_is_default")]
    spec: PodSpec,
    #[serde(deserialize_with = "null_is_default")]
    status: WorkloadStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Templated {
    #[serde(deserialize_with = "null_is_default")]
    metadata: Metadata,
    #[serde(deserialize_with = "null_is_default")]
    spec: WorkloadSpec,
    #[serde(deserialize_with = "null_is_default")]
    status: WorkloadStatus,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Scheduled {
    #[serde(deserialize_with = "null_is_default")]
    metadata: Metadata,
    #[serde(deserialize_with = "null_is_default")]
    spec: ScheduledSpec,
    #[serde(deserialize_with = "null_is_default")]
    status: WorkloadStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ScheduledSpec {
    // Not flattened: that would lose the places of mistakes.
    schedule: Option<String>,
    concurrency_policy: Option<String>,
    starting_deadline_seconds: Option<i64>,
    successful_jobs_history_limit: Option<i64>,
    failed_jobs_history_limit: Option<i64>,
    suspend: Option<bool>,
    time_zone: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    job_template: JobTemplate,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JobTemplate {
    #[serde(deserialize_with = "null_is_default")]
    spec: WorkloadSpec,
}
