//! Reports.

use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod, policy::v1::PodDisruptionBudget};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use prodready_engine::api::{
    report::ReadinessReport,
    vocabulary::{Severity, Verdict},
};
use prodready_testkit::{kubectl, wait};
use serde_json::json;

use crate::support::{
    LIMIT, apply, apply_policy, delete_policy, in_installation,
    objects::{deployment, pod},
    wait_for_report,
};

#[tokio::test]
async fn a_deployment_gets_a_report_with_score_verdict_and_findings() {
    in_installation("reported", async |installation, client, namespace| {
        apply_policy(installation.plane, &namespace, &namespace, json!({})).await;
        apply(installation.plane, &deployment(&namespace, "web", true)).await;
        let report = wait_for_report(&client, &namespace, "deployment-web", |_| true).await;

        assert_eq!(
            serde_json::to_value(&report.spec).unwrap(),
            json!({
                "subject": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                "policy": namespace,
            })
        );
        let status = report.status.unwrap();
        assert_eq!(status.workload, "Deployment/web");
        assert_eq!(status.verdict, Verdict::DoNotLaunch);
        assert!(
            (1..80).contains(&status.score.unwrap()),
            "{:?}",
            status.score
        );
        assert_eq!(status.observed_generation, Some(1));
        assert!(status.summary.critical >= 1, "{:?}", status.summary);
        let worst = &status.findings[0];
        assert_eq!(
            (&*worst.check, worst.severity, worst.container.as_deref()),
            ("privileged-container", Severity::Critical, Some("web"))
        );
        assert_eq!(
            worst.pointer,
            "/spec/template/spec/containers/0/securityContext/privileged"
        );
        let privileged = "/spec/template/spec/containers/0/securityContext/privileged";
        assert_eq!(
            worst.patch.last().map(|step| json!(step)),
            Some(json!({"op": "replace", "path": privileged, "value": false}))
        );
    })
    .await;
}

/// Whether a report tells of a check: it has the worst findings in full, and the names of the others.
fn tells_of(report: &ReadinessReport, check: &str) -> bool {
    report.status.as_ref().is_some_and(|status| {
        let mut full = status.findings.iter().map(|finding| &finding.check);
        full.any(|told| told == check) || status.further.iter().any(|told| told == check)
    })
}

#[tokio::test]
async fn a_workload_that_comes_or_goes_changes_the_reports_of_its_neighbours() {
    in_installation("neighbours", async |installation, client, namespace| {
        let plane = installation.plane;
        let policy = json!({"profile": "scale"});
        apply_policy(plane, &namespace, &namespace, policy).await;
        let has_twin = |report: &ReadinessReport| tells_of(report, "duplicate-workload");
        apply(plane, &deployment(&namespace, "web", false)).await;
        let alone = wait_for_report(&client, &namespace, "deployment-web", |_| true).await;
        assert!(!has_twin(&alone), "{alone:?}");

        apply(plane, &deployment(&namespace, "spare", false)).await;
        wait_for_report(&client, &namespace, "deployment-web", has_twin).await;
        let delete = ["delete", "deployment", "spare", "-n", &namespace];
        kubectl(plane, &delete).await.expect_success();
        let is_alone = |report: &ReadinessReport| !has_twin(report);
        wait_for_report(&client, &namespace, "deployment-web", is_alone).await;
    })
    .await;
}

#[tokio::test]
async fn a_pod_that_does_not_stay_up_is_told_of_its_deployment() {
    in_installation("restarts", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({})).await;
        apply(plane, &deployment(&namespace, "web", false)).await;
        let is_told = |report: &ReadinessReport| tells_of(report, "pod-restarts");
        let well = wait_for_report(&client, &namespace, "deployment-web", |_| true).await;
        assert!(!is_told(&well), "{well:?}");

        let pods: Api<Pod> = Api::namespaced(client.clone(), &namespace);
        let pod = wait("a pod that runs", LIMIT, async || {
            let pods = pods.list(&ListParams::default()).await.ok()?;
            let runs = |pod: &Pod| pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Running");
            pods.into_iter().find(runs)
        })
        .await;
        let status = json!({"status": {"containerStatuses": [{
            "name": "web", "image": "shop/web:1.4.2", "imageID": "", "ready": false, "restartCount": 9,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        }]}});
        let (name, patch) = (pod.name_any(), Patch::Merge(&status));
        pods.patch_status(&name, &PatchParams::default(), &patch)
            .await
            .unwrap();
        wait_for_report(&client, &namespace, "deployment-web", is_told).await;

        // A new pod is a new chance.
        pods.delete(&name, &DeleteParams::default().grace_period(0)).await.unwrap();
        let is_well = |report: &ReadinessReport| !is_told(report);
        wait_for_report(&client, &namespace, "deployment-web", is_well).await;
    })
    .await;
}

#[tokio::test]
async fn kubectl_shows_the_columns_of_reports_and_policies() {
    in_installation("columns", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({})).await;
        apply(plane, &deployment(&namespace, "web", true)).await;
        let report = wait_for_report(&client, &namespace, "deployment-web", |_| true).await;
        let status = report.status.unwrap();
        let score = status.score.unwrap().to_string();

        let readiness = kubectl(plane, &["get", "readiness", "-A"]).await;
        assert_eq!(
            row(&readiness.expect_success(), 0, &namespace),
            [
                [
                    "NAMESPACE",
                    "NAME",
                    "WORKLOAD",
                    "SCORE",
                    "VERDICT",
                    "CRITICAL",
                    "HIGH",
                    "POLICY"
                ]
                .map(str::to_owned),
                [
                    namespace.as_str(),
                    "deployment-web",
                    "Deployment/web",
                    &score,
                    "DoNotLaunch",
                    &status.summary.critical.to_string(),
                    &status.summary.high.to_string(),
                    &namespace,
                ]
                .map(str::to_owned),
            ]
        );
        // The policy's counts follow the report.
        let policies = wait("the policy counts its workload", LIMIT, async || {
            let policies = kubectl(plane, &["get", "prp"]).await.expect_success();
            if policies
                .lines()
                .any(|line| line.starts_with(&namespace) && line.contains(" 0/1 "))
            {
                Ok(policies)
            } else {
                Err(policies)
            }
        })
        .await;
        assert_eq!(
            row(&policies, 0, &namespace),
            [
                ["NAME", "SCORE", "VERDICT", "READY", "ENFORCEMENT"].map(str::to_owned),
                [namespace.as_str(), &score, "DoNotLaunch", "0/1", "Audit"].map(str::to_owned),
            ]
        );
    })
    .await;
}

/// The header of a table and the row with this word in a column, without the last column, AGE.
fn row(table: &str, column: usize, word: &str) -> [Vec<String>; 2] {
    let mut lines = table.lines().map(|line| {
        let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let age = words.pop().unwrap();
        let is_age = age.starts_with(|first: char| first.is_ascii_digit());
        assert!(age == "AGE" || is_age, "{table}");
        words
    });
    let header = lines.next().unwrap();
    let found = lines.find(|words| words[column] == word);
    [
        header,
        found.unwrap_or_else(|| panic!("no {word} in\n{table}")),
    ]
}

#[tokio::test]
async fn a_report_belongs_to_its_workload_and_goes_with_it() {
    in_installation("owned", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({})).await;
        apply(plane, &deployment(&namespace, "web", false)).await;
        let report = wait_for_report(&client, &namespace, "deployment-web", |_| true).await;
        let web = Api::<Deployment>::namespaced(client.clone(), &namespace);
        let uid = web.get("web").await.unwrap().uid().unwrap();
        assert_eq!(
            serde_json::to_value(report.owner_references()).unwrap(),
            json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": uid}])
        );
        let delete = ["delete", "deployment", "web", "-n", &namespace];
        kubectl(plane, &delete).await.expect_success();
        wait("the report is gone", LIMIT, async || {
            names(&client, &namespace).await.is_empty()
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_change_of_the_surroundings_moves_the_score() {
    in_installation("surroundings", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({})).await;
        let mut web = deployment(&namespace, "web", false);
        web["spec"]["replicas"] = json!(3);
        apply(plane, &web).await;
        let lacks = |report: &ReadinessReport| found(report, "pod-disruption-budget");
        let before = wait_for_report(&client, &namespace, "deployment-web", lacks).await;
        let budget = json!({
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": namespace},
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
        });
        apply(plane, &budget).await;
        let has = |report: &ReadinessReport| !lacks(report);
        let with = wait_for_report(&client, &namespace, "deployment-web", has).await;
        assert!(
            score(&with) > score(&before),
            "{:?} {:?}",
            score(&with),
            score(&before)
        );

        let budgets: Api<PodDisruptionBudget> = Api::namespaced(client.clone(), &namespace);
        budgets
            .delete("web", &kube::api::DeleteParams::default())
            .await
            .unwrap();
        let after = wait_for_report(&client, &namespace, "deployment-web", lacks).await;
        assert_eq!(score(&after), score(&before));
    })
    .await;
}

fn score(report: &ReadinessReport) -> Option<i32> {
    report.status.as_ref().and_then(|status| status.score)
}

/// Whether a check failed, spelt out or by id alone.
fn found(report: &ReadinessReport, check: &str) -> bool {
    let Some(status) = &report.status else {
        return false;
    };
    status.findings.iter().any(|finding| finding.check == check)
        || status.further.iter().any(|id| id == check)
}

#[tokio::test]
async fn pods_of_a_workload_have_no_report_and_a_bare_pod_has_one() {
    in_installation("pods", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, json!({})).await;
        apply(plane, &deployment(&namespace, "web", false)).await;
        let available = [
            "wait",
            "--for=condition=Available",
            "deployment/web",
            "-n",
            &namespace,
            "--timeout=60s",
        ];
        kubectl(plane, &available).await.expect_success();
        // The bare Pod comes last: when it is judged, the others of its kind have been.
        apply(plane, &pod(&namespace, "bare", false)).await;
        wait_for_report(&client, &namespace, "pod-bare", |_| true).await;
        wait_for_report(&client, &namespace, "deployment-web", |_| true).await;
        assert_eq!(
            names(&client, &namespace).await,
            ["deployment-web", "namespace", "pod-bare"]
        );
    })
    .await;
}

#[tokio::test]
async fn of_two_policies_the_one_with_the_higher_precedence_governs_alone() {
    in_installation("precedence", async |installation, client, namespace| {
        let plane = installation.plane;
        let (high, low) = (format!("{namespace}-high"), format!("{namespace}-low"));
        apply_policy(plane, &low, &namespace, json!({"precedence": 1})).await;
        let strict =
            json!({"precedence": 2, "checks": [{"id": "privileged-container", "severity": "low"}]});
        apply_policy(plane, &high, &namespace, strict).await;
        apply(plane, &deployment(&namespace, "web", true)).await;
        let by_high = wait_for_report(&client, &namespace, "deployment-web", |report| {
            report.spec.policy == high
        })
        .await;
        delete_policy(&client, &high).await;
        let by_low = wait_for_report(&client, &namespace, "deployment-web", |report| {
            report.spec.policy == low && critical(report) != critical(&by_high)
        })
        .await;
        assert_eq!(critical(&by_low), critical(&by_high) + 1);
        // And where none governs any more, there is no report.
        delete_policy(&client, &low).await;
        wait("the report is gone", LIMIT, async || {
            names(&client, &namespace).await.is_empty()
        })
        .await;
    })
    .await;
}

/// How many critical findings a report counts.
fn critical(report: &ReadinessReport) -> i32 {
    let summary = report.status.iter().map(|status| status.summary.critical);
    summary.sum()
}

/// The names of a namespace's reports.
async fn names(client: &Client, namespace: &str) -> Vec<String> {
    let reports: Api<ReadinessReport> = Api::namespaced(client.clone(), namespace);
    let listed = reports.list(&ListParams::default()).await.unwrap();
    let mut names: Vec<String> = listed.iter().map(ResourceExt::name_any).collect();
    names.sort();
    names
}
