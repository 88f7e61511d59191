//! Kinds of which only a part is read: Secrets by their names, and large reports of scanners.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    process::Command,
};

use prodready_engine::api::report::ReadinessReport;
use prodready_testkit::{kubectl, wait};
use serde_json::{Value, json};

use crate::support::{
    Installation, LIMIT, NAMESPACE, apply, apply_policy, in_installation, own_control_plane,
    wait_for_report,
};

const CHECK: &str = "image-pull-secret-missing";

/// A Deployment whose image is pulled with the Secret `registry`.
fn web(namespace: &str) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "imagePullSecrets": [{"name": "registry"}],
                    "containers": [{"name": "web", "image": "shop/web:1.4"}],
                },
            },
        },
    })
}

/// Asks for these checks alone, so that a report holds all of its findings.
fn asking(checks: &[&str]) -> Value {
    let all = prodready_engine::checks::all();
    let others = all.filter(|check| !checks.contains(&check.id));
    let off: Vec<Value> = others
        .map(|check| json!({"id": check.id, "enabled": false, "weight": 0}))
        .collect();
    json!({"profile": "scale", "checks": off})
}

fn fails(report: &ReadinessReport, check: &str) -> bool {
    let findings = report.status.iter().flat_map(|status| &status.findings);
    findings.into_iter().any(|finding| finding.check == check)
}

/// Why a check cannot tell, where it cannot.
fn unknown<'a>(report: &'a ReadinessReport, check: &str) -> Option<&'a str> {
    let mut unknown = report.status.iter().flat_map(|status| &status.unknown);
    let told = unknown.find(|told| told.check == check)?;
    Some(told.reason.as_str())
}

/// What the command says of one check in a namespace, with the rights of a kubeconfig.
fn audit(kubeconfig: &std::path::Path, namespace: &str, checks: &str) -> Value {
    let ran = Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(["audit", "-n", namespace, "--profile", "scale"])
        .args(["--checks", checks, "-o", "json"])
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .output()
        .unwrap();
    serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|err| panic!("{err}: {}", String::from_utf8_lossy(&ran.stderr)))
}

/// Whether a process holds these bytes anywhere that it can write.
fn holds(process: u32, wanted: &[u8]) -> bool {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let writable = maps.lines().filter(|line| line.contains(" rw"));
    writable
        .filter_map(|line| {
            let (from, to) = line.split_once(' ')?.0.split_once('-')?;
            let address = |text| u64::from_str_radix(text, 16).unwrap();
            let (from, to) = (address(from), address(to));
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            // A part may have gone meanwhile.
            memory.read_exact_at(&mut bytes, from).ok()?;
            Some(bytes)
        })
        .any(|bytes| bytes.windows(wanted.len()).any(|window| window == wanted))
}

#[tokio::test]
async fn a_pull_secret_is_known_by_its_name_and_what_it_holds_never_arrives() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let plane = &*plane;
    let installation = Installation::start(plane, &["secrets.listNames=true"]).await;
    let client = plane.client();
    apply_policy(plane, "pull", "default", asking(&[CHECK])).await;
    apply(plane, &web("default")).await;
    let report = "deployment-web";
    wait_for_report(&client, "default", report, |report| fails(report, CHECK)).await;

    // What names hold is found, so that the search would find what must not be there.
    let (name, value) = ("registry", "c2VjcmV0LW9mLXRoZS1yZWdpc3RyeQ-5174");
    let marked = "a-name-that-is-nowhere-else-5174";
    let kept = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": marked, "namespace": "default"},
    });
    apply(plane, &kept).await;
    let literal = format!("--from-literal=password={value}");
    let create = [
        "create", "secret", "generic", name, "-n", "default", &literal,
    ];
    kubectl(plane, &create).await.expect_success();
    wait_for_report(&client, "default", report, |report| {
        !fails(report, CHECK) && unknown(report, CHECK).is_none()
    })
    .await;
    let process = installation.operator.id();
    assert!(holds(process, marked.as_bytes()));
    assert!(!holds(process, value.as_bytes()));
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, value);
    assert!(!holds(process, encoded.as_bytes()));

    let delete = ["delete", "secret", name, "-n", "default"];
    kubectl(plane, &delete).await.expect_success();
    wait_for_report(&client, "default", report, |report| fails(report, CHECK)).await;
}

#[tokio::test]
async fn without_the_right_to_list_secrets_a_pull_secret_is_unknown() {
    in_installation("pull secret", async |installation, client, namespace| {
        let plane = installation.plane;
        apply_policy(plane, &namespace, &namespace, asking(&[CHECK])).await;
        apply(plane, &web(&namespace)).await;
        let told = "the operator does not list names of Secrets (the chart's value \
                    secrets.listNames)";
        wait_for_report(&client, &namespace, "deployment-web", |report| {
            !fails(report, CHECK) && unknown(report, CHECK) == Some(told)
        })
        .await;

        let account = plane.kubeconfig_for_service_account(NAMESPACE, "prodready");
        let list = audit(&account.await.unwrap(), &namespace, CHECK);
        let status = &list["items"][0]["status"];
        assert_eq!(status["unknown"][0]["check"], CHECK, "{list}");
        let reason = status["unknown"][0]["reason"].as_str().unwrap();
        assert!(
            reason.starts_with("secrets could not be listed: "),
            "{reason}"
        );
        assert_eq!(list["errors"], json!([]));

        // Who may list them is told.
        let list = audit(plane.kubeconfig(), &namespace, CHECK);
        let status = &list["items"][0]["status"];
        assert_eq!(status["findings"][0]["check"], CHECK, "{list}");
        let create = ["create", "secret", "generic", "registry", "-n", &namespace];
        kubectl(plane, &create).await.expect_success();
        let list = audit(plane.kubeconfig(), &namespace, CHECK);
        assert_eq!(
            list["items"][0]["status"]["passed"],
            json!([CHECK]),
            "{list}"
        );
    })
    .await;
}

/// The part of the Trivy Operator's definition that matters here.
fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "sbomreports.aquasecurity.github.io"},
        "spec": {
            "group": "aquasecurity.github.io",
            "names": {"kind": "SbomReport", "listKind": "SbomReportList", "plural": "sbomreports", "singular": "sbomreport"},
            "scope": "Namespaced",
            "versions": [{
                "name": "v1alpha1",
                "served": true,
                "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
            }],
        },
    })
}

/// A bill of materials of an image of 4 GB from February, with packages enough that nobody would keep them.
fn bill() -> Value {
    let package = |number| {
        json!({
            "name": format!("package-{number}"),
            "purl": format!("pkg:deb/debian/package-{number}@1.0?arch=amd64"),
            "properties": [{"name": "aquasecurity:trivy:PkgID", "value": format!("package-{number}@1.0")}],
        })
    };
    let packages: Vec<Value> = (0..4000).map(package).collect();
    json!({
        "apiVersion": "aquasecurity.github.io/v1alpha1",
        "kind": "SbomReport",
        "metadata": {
            "name": "deployment-web-web",
            "namespace": "default",
            "labels": {
                "trivy-operator.resource.kind": "Deployment",
                "trivy-operator.resource.name": "web",
                "trivy-operator.container.name": "web",
            },
        },
        "report": {
            "updateTimestamp": "2026-11-20T04:00:00Z",
            "artifact": {"repository": "shop/web", "tag": "1.4"},
            "components": {
                "bomFormat": "CycloneDX",
                "components": packages,
                "metadata": {"component": {"properties": [
                    {"name": "aquasecurity:trivy:Labels:org.opencontainers.image.created", "value": "2026-02-01T00:00:00Z"},
                    {"name": "aquasecurity:trivy:Size", "value": "4212893696"},
                ]}},
            },
        },
    })
}

#[tokio::test]
async fn a_bill_of_materials_tells_size_and_age_of_an_image() {
    let Some(plane) = own_control_plane().await else {
        return;
    };
    let plane = &*plane;
    let _installation = Installation::start(plane, &[]).await;
    let client = plane.client();
    let checks = ["oversized-image", "image-age"];
    apply_policy(plane, "images", "default", asking(&checks)).await;
    apply(plane, &web("default")).await;
    wait_for_report(&client, "default", "deployment-web", |report| {
        checks.iter().all(|check| !fails(report, check))
    })
    .await;
    apply(plane, &definition()).await;
    let created = wait("the kind is served", LIMIT, async || {
        let create = ["create", "-f", "-"];
        let ran = prodready_testkit::kubectl_with_input(plane, &create, &bill().to_string()).await;
        if ran.success() {
            Ok(ran)
        } else {
            Err(ran.to_string())
        }
    });
    created.await.expect_success();
    wait_for_report(&client, "default", "deployment-web", |report| {
        checks.iter().all(|check| fails(report, check))
    })
    .await;

    let list = audit(plane.kubeconfig(), "default", &checks.join(","));
    let findings = list["items"][0]["status"]["findings"].as_array().unwrap();
    let messages: Vec<&str> = findings
        .iter()
        .map(|finding| finding["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        [
            "container web has an image of 4212 MB unpacked, more than 2000",
            "container web has an image of 2026-02-01, 292 days old when it was scanned last",
        ],
        "{list}"
    );
}
