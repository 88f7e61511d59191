//! The operator on a real control plane, against a bare loop of the same writes.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures::{StreamExt as _, stream};
use k8s_openapi::api::apps::v1::Deployment;
use kube::{
    Api, Client,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use prodready_engine::api::report::ReadinessReport;
use prodready_testkit::{ControlPlane, free_port, kubectl, kubectl_with_input};
use serde_json::{Value, json};

use crate::{
    SEED, corpus,
    measure::{Figures, memory, millis},
};

const WORKLOADS: usize = 1_000;

/// As many writes at a time as the operator has under way.
const AT_ONCE: usize = 16;

pub(crate) fn measure(figures: &mut Figures) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let plane = tokio::task::spawn_blocking(ControlPlane::start)
            .await
            .unwrap()
            .unwrap();
        furnish(&plane).await;
        let client = plane.client();
        let (took, resident, most) = operator(&plane, &client).await;
        let baseline = same_writes(&client).await;
        figures.compare(
            format!("operator: start to all reports of {WORKLOADS} Deployments"),
            millis(took),
            millis(baseline),
            "ms",
            "<= 1.25 x bare writes",
        );
        figures.add(
            format!("operator: resident memory with {WORKLOADS} Deployments"),
            resident,
            "MiB",
            "<= 33 MiB",
        );
        figures.add("operator: greatest resident memory", most, "MiB", "");
    });
}

/// The definitions, a policy, and the Deployments of the corpus without replicas.
async fn furnish(plane: &ControlPlane) {
    let definitions = Command::new(env!("CARGO_BIN_EXE_prodready"))
        .arg("crd")
        .output()
        .unwrap();
    let definitions = String::from_utf8(definitions.stdout).unwrap();
    kubectl_with_input(plane, &["apply", "--server-side", "-f", "-"], &definitions)
        .await
        .expect_success();
    let established = ["wait", "--for=condition=Established", "crd", "--all"];
    kubectl(plane, &established).await.expect_success();
    let policy = json!({
        "apiVersion": "prodready.dev/v1alpha1",
        "kind": "ProductionReadinessPolicy",
        "metadata": {"name": "everything"},
        "spec": {},
    });
    kubectl_with_input(plane, &["apply", "-f", "-"], &policy.to_string())
        .await
        .expect_success();
    kubectl(plane, &["create", "namespace", "prodready-system"])
        .await
        .expect_success();
    let deployments: Vec<Value> = corpus::applications(WORKLOADS * 3, SEED)
        .filter(|application| application.kind == "Deployment")
        .take(WORKLOADS)
        .map(|application| {
            let document = application.workload.trim_start_matches("---\n").to_owned();
            let mut object: Value = serde_saphyr::from_str(&document).unwrap();
            object["spec"]["replicas"] = json!(0);
            object["metadata"]["namespace"] = json!("default");
            object
        })
        .collect();
    assert_eq!(deployments.len(), WORKLOADS);
    let api: Api<Deployment> = Api::namespaced(plane.client(), "default");
    stream::iter(deployments)
        .map(|object| {
            let api = api.clone();
            async move {
                let object: Deployment = serde_json::from_value(object).unwrap();
                api.create(&PostParams::default(), &object).await.unwrap();
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<()>>()
        .await;
    // The deployment controller must not be at work beside what is measured.
    loop {
        let listed = api.list(&ListParams::default()).await.unwrap();
        let observed = listed.iter().filter(|deployment| {
            let status = deployment.status.as_ref();
            status.is_some_and(|status| status.observed_generation.is_some())
        });
        if observed.count() == WORKLOADS {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Ends its process when it goes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// From the start of the process to the last report, and its memory then and at most.
async fn operator(plane: &ControlPlane, client: &Client) -> (Duration, f64, f64) {
    let begun = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args([
            "operator",
            "--namespace=prodready-system",
            "--identity=bench",
        ])
        .arg(format!("--gate-port={}", free_port()))
        .arg(format!("--admin-port={}", free_port()))
        .env("KUBECONFIG", plane.kubeconfig())
        // As the chart does.
        .env("MALLOC_ARENA_MAX", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    let reports: Api<ReadinessReport> = Api::all(client.clone());
    while !all_written(&reports).await {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let took = begun.elapsed();
    let process = running.0.id();
    (took, memory(process, "VmRSS"), memory(process, "VmHWM"))
}

/// Whether every Deployment has its report. As long as there are fewer reports only their number is asked for: a list of
/// them all, made and read on the same two cores, would take from the operator what the bare loop has for itself.
async fn all_written(reports: &Api<ReadinessReport>) -> bool {
    let first = reports.list(&ListParams::default().limit(1)).await.unwrap();
    let rest = first.metadata.remaining_item_count.unwrap_or(0);
    if first.items.len() + usize::try_from(rest).unwrap() < WORKLOADS {
        return false;
    }
    let listed = reports.list(&ListParams::default()).await.unwrap();
    let written = listed.iter().filter(|report| report.status.is_some());
    written.count() >= WORKLOADS
}

/// Takes the reports away and writes the same ones again, spec and status, by server-side apply.
async fn same_writes(client: &Client) -> Duration {
    let reports: Api<ReadinessReport> = Api::namespaced(client.clone(), "default");
    let listed = reports.list(&ListParams::default()).await.unwrap();
    let objects: Vec<ReadinessReport> = listed
        .into_iter()
        .map(|mut report| {
            report.metadata.managed_fields = None;
            report.metadata.resource_version = None;
            report.metadata.uid = None;
            report.metadata.creation_timestamp = None;
            report
        })
        .collect();
    let all = (&DeleteParams::default(), &ListParams::default());
    reports.delete_collection(all.0, all.1).await.unwrap();
    while !reports
        .list(&ListParams::default().limit(1))
        .await
        .unwrap()
        .items
        .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let begun = Instant::now();
    stream::iter(objects)
        .map(|report| write(reports.clone(), report))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<()>>()
        .await;
    begun.elapsed()
}

async fn write(reports: Api<ReadinessReport>, mut report: ReadinessReport) {
    let by = PatchParams::apply("bench").force();
    let name = report.metadata.name.clone().unwrap();
    let status = report.status.take();
    reports
        .patch(&name, &by, &Patch::Apply(&report))
        .await
        .unwrap();
    let status = json!({"apiVersion": "prodready.dev/v1alpha1", "kind": "ReadinessReport", "status": status});
    reports
        .patch_status(&name, &by, &Patch::Apply(&status))
        .await
        .unwrap();
}
