//! `prodready audit` on files and standard input.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::{Output, prodready, text};

const CART: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  labels: {team: checkout}
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: shop/cart:1.4.2
        securityContext:
          privileged: true
";

fn manifest(below: &str) -> String {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests");
    manifests.join(below).display().to_string()
}

/// What `audit` with these arguments makes of a text on standard input.
fn of_stdin(input: &str, arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_prodready"))
        .args(["audit", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A mistake in the arguments is told before anything is read.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn list(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_finding_says_where_what_why_and_how_to_mend_it() {
    let output = of_stdin(CART, &["--checks", "privileged-container", "-o", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let list = list(&output);
    assert_eq!(list["apiVersion"], "prodready.dev/v1alpha1");
    assert_eq!(list["kind"], "ReadinessReportList");
    let report = &list["items"][0];
    assert_eq!(
        report["spec"],
        json!({
            "subject": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"},
            "policy": "production",
        })
    );
    assert_eq!(report["metadata"]["name"], "deployment-cart");
    assert_eq!(report["metadata"]["namespace"], "default");
    assert_eq!(report["status"]["score"], 0);
    assert_eq!(report["status"]["verdict"], "DoNotLaunch");
    assert_eq!(report["status"]["passed"], Value::Null);
    let finding = &report["status"]["findings"][0];
    assert_eq!(finding["check"], "privileged-container");
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["category"], "Security");
    assert_eq!(finding["container"], "web");
    assert_eq!(
        finding["pointer"],
        "/spec/template/spec/containers/0/securityContext/privileged"
    );
    assert_eq!(
        finding["location"],
        json!({"file": "stdin", "line": 14, "column": 11})
    );
    assert_eq!(finding["points"], 100);
    for field in ["message", "why", "fix"] {
        assert!(
            finding[field].as_str().is_some_and(|told| told.len() > 20),
            "{field}"
        );
    }
    assert_eq!(
        list["summary"],
        json!({
            "workloads": 1,
            "ready": 0,
            "score": 0,
            "findings": {"critical": 1, "high": 0, "medium": 0, "low": 0},
            "forgiven": 0,
        })
    );
    assert_eq!(list["errors"], json!([]));
}

#[test]
fn people_read_findings_as_compilers_write_them_and_a_table() {
    let output = of_stdin(CART, &["--checks", "privileged-container,minimum-replicas"]);
    let told = text(&output.stdout);
    let lines: Vec<&str> = told.lines().collect();
    assert!(
        lines[0].starts_with("stdin:14:11: critical: container web ")
            && lines[0].ends_with(" [privileged-container]"),
        "{told}"
    );
    assert!(lines[1].starts_with("  fix: "), "{told}");
    assert!(
        lines[2].starts_with("stdin:7:3: high: ") && lines[2].ends_with("[minimum-replicas]"),
        "{told}"
    );
    assert_eq!(
        lines[4..],
        [
            "",
            "NAMESPACE   WORKLOAD          SCORE   VERDICT       CRITICAL   HIGH   POLICY",
            "default     Deployment/cart   0       DoNotLaunch   1          1      production",
            "",
            "0 of 1 workloads ready, mean score 0; findings: 1 critical, 1 high, 0 medium, 0 low",
        ],
        "{told}"
    );
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn colour_is_for_terminals_and_for_who_asks() {
    let arguments = ["--checks", "privileged-container"];
    assert!(!text(&of_stdin(CART, &arguments).stdout).contains('\u{1b}'));
    let always = of_stdin(CART, &[&arguments[..], &["--color", "always"]].concat());
    assert!(text(&always.stdout).contains("\u{1b}[1m"));
}

#[test]
fn the_exit_code_follows_from_what_was_printed() {
    let code = |arguments: &[&str]| of_stdin(CART, arguments).status.code();
    let only = |check| ["--checks", check];
    // privileged-container is critical, minimum-replicas high, liveness-probe medium.
    for (check, fail_on, wanted) in [
        ("privileged-container", "critical", 1),
        ("minimum-replicas", "critical", 0),
        ("minimum-replicas", "high", 1),
        ("liveness-probe", "high", 0),
        ("liveness-probe", "low", 1),
        ("privileged-container", "never", 0),
    ] {
        let arguments = [&only(check)[..], &["--fail-on", fail_on]].concat();
        assert_eq!(code(&arguments), Some(wanted), "{check} {fail_on}");
    }
    let of_score = |score| ["--fail-on", "never", "--min-score", score];
    assert_eq!(code(&of_score("100")), Some(1));
    assert_eq!(code(&of_score("0")), Some(0));
}

#[test]
fn nothing_applicable_is_no_score_and_fails_no_threshold() {
    let arguments = ["--checks", "probe-port", "--min-score", "100"];
    let output = of_stdin(CART, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("n/a"));
}

#[test]
fn files_without_workloads_pass() {
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let output = of_stdin(config, &["--min-score", "100"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "No workloads to judge.\n");
}

#[test]
fn a_broken_document_is_named_and_the_rest_is_judged() {
    let arguments = [
        "audit",
        &manifest("broken/between-two-good.yaml"),
        "-o",
        "json",
    ];
    let output = prodready(&arguments);
    assert_eq!(output.status.code(), Some(2));
    let list = list(&output);
    let names: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| &report["spec"]["subject"]["name"])
        .collect();
    assert_eq!(names, ["first", "third"]);
    assert_eq!(list["errors"][0]["line"], 16);
    assert_eq!(list["errors"][0]["column"], 2);
    let said = text(&output.stderr);
    assert!(
        said.starts_with("error: ") && said.contains("between-two-good.yaml:16:2: "),
        "{said}"
    );
}

#[test]
fn what_may_stand_in_a_broken_document_is_not_said_to_be_missing() {
    let two = CART.replace("replicas: 1", "replicas: 2");
    let selected = two.replace(
        "  template:\n    spec:",
        "  selector: {matchLabels: {app: cart}}\n  template:\n    metadata: {labels: {app: cart}}\n    spec:",
    );
    let checks = ["--checks", "pod-disruption-budget", "-o", "json"];
    let whole = list(&of_stdin(&selected, &checks));
    assert_eq!(
        whole["items"][0]["status"]["findings"][0]["check"],
        "pod-disruption-budget"
    );
    let broken = list(&of_stdin(&format!("{selected}---\na: [\n"), &checks));
    let status = &broken["items"][0]["status"];
    assert_eq!(status["findings"], Value::Null);
    assert_eq!(status["unknown"][0]["check"], "pod-disruption-budget");
}

#[test]
fn the_good_shop_is_ready_and_the_bad_one_is_not() {
    let good = prodready(&["audit", "--fail-on", "low", &manifest("demo/shop-good")]);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stdout));
    let bad = prodready(&["audit", "-f", &manifest("demo/shop-bad")]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stdout).contains("\n0 of 8 workloads ready"));
}

#[test]
fn labels_choose_whom_to_judge() {
    let selected = |selector: &str| {
        let output = of_stdin(CART, &["-l", selector, "-o", "json"]);
        list(&output)["items"].as_array().unwrap().len()
    };
    assert_eq!(selected("team=checkout"), 1);
    assert_eq!(selected("team!=checkout"), 0);
}

#[test]
fn a_list_of_others_narrows_what_is_asked() {
    let output = of_stdin(CART, &["--view", "pss-baseline", "-o", "json"]);
    let list = list(&output);
    let status = &list["items"][0]["status"];
    let asked = |field: &str| status[field].as_array().map_or(0, Vec::len);
    let answered = asked("passed") + asked("findings");
    assert!((1..20).contains(&answered), "{status}");
}

#[test]
fn the_version_that_manifests_are_for_decides_what_is_gone() {
    let old = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: report}\nspec: {schedule: 17 4 * * *, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: r, image: \"shop/r:1\"}]}}}}}\n";
    let severity = |version: &str| {
        let words = [
            "--checks",
            "deprecated-api",
            "--target-version",
            version,
            "-o",
            "json",
        ];
        list(&of_stdin(old, &words))["items"][0]["status"]["findings"][0]["severity"].clone()
    };
    assert_eq!(severity("1.24"), "medium");
    assert_eq!(severity("v1.25.3"), "high");
    let output = of_stdin(old, &["--target-version", "new"]);
    assert_eq!(output.status.code(), Some(2));
}

/// Applications that are built as they should be: under the profile of what is wrong for anybody nothing is said of
/// them.
#[test]
fn well_built_applications_get_no_false_alarm() {
    /// Findings that are right, although they are not wrong for everybody: see docs/checks.
    const DECIDED: [(&str, &str); 12] = [
        // An exporter of the node's figures reads its whole filesystem: told, and no more than medium.
        ("DaemonSet/node-telemetry", "host-path"),
        // A backup of volumes reads what the kubelet mounted: told, and for an exception.
        ("DaemonSet/velero-node-agent", "host-path"),
        // A storage driver formats and mounts devices of the node, as root of the node: true, and for an exception.
        ("DaemonSet/basalt-csi-node", "host-path"),
        ("DaemonSet/basalt-csi-node", "privileged-container"),
        ("DaemonSet/basalt-csi-node", "privilege-escalation"),
        ("DaemonSet/basalt-csi-node", "run-as-non-root"),
        // A mesh's agent writes the node's network configuration: true, and for an exception.
        ("DaemonSet/istio-cni-node", "host-path"),
        ("DaemonSet/istio-cni-node", "privilege-escalation"),
        ("DaemonSet/istio-cni-node", "run-as-non-root"),
        ("DaemonSet/istio-cni-node", "dangerous-capabilities"),
        ("DaemonSet/istio-cni-node", "apparmor-profile"),
        // An injected init container redirects the pod's traffic: true, and gone with the mesh's CNI agent.
        ("Deployment/meshed-web", "dangerous-capabilities"),
    ];
    let directory = manifest("collection");
    let files: Vec<_> = fs::read_dir(&directory).unwrap().collect();
    assert!(files.len() >= 20, "{} files", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let path = file.unwrap().path().display().to_string();
        let output = prodready(&["audit", &path, "--profile", "baseline", "-o", "json"]);
        let list = list(&output);
        assert_eq!(list["errors"], json!([]), "{path}");
        for item in list["items"].as_array().unwrap() {
            let status = &item["status"];
            let subject = status["workload"].as_str().unwrap();
            for finding in status["findings"].as_array().into_iter().flatten() {
                let check = finding["check"].as_str().unwrap();
                if !DECIDED.contains(&(subject, check)) {
                    wrong.push(format!(
                        "{path}: {subject}: {check}: {}",
                        finding["message"]
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a manifest says about an owner proves nothing.
#[test]
fn a_pod_in_a_file_is_judged_where_its_owner_is_not_there() {
    let pod = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d9c7b, uid: u, controller: true}]
spec:
  containers: [{name: web, image: shop/web:1.4}]
";
    let reports = list(&of_stdin(pod, &["-o", "json"]));
    assert_eq!(
        reports["items"][0]["status"]["workload"], "Pod/web",
        "{reports}"
    );

    let owner = "\
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-5d9c7b}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: shop/web:1.4}]
";
    let reports = list(&of_stdin(&format!("{pod}{owner}"), &["-o", "json"]));
    assert_eq!(
        reports["items"][0]["status"]["workload"], "ReplicaSet/web-5d9c7b",
        "{reports}"
    );
    assert_eq!(reports["summary"]["workloads"], 1, "{reports}");
}

#[test]
fn a_policy_in_a_file_judges() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("policy.yaml");
    let policy = "\
apiVersion: prodready.dev/v1alpha1
kind: ProductionReadinessPolicy
metadata: {name: house}
spec:
  profile: baseline
  checks:
  - {id: privileged-container, severity: low}
";
    fs::write(&path, policy).unwrap();
    let file = path.display().to_string();
    let checks = [
        "--policy",
        &file,
        "--checks",
        "privileged-container",
        "-o",
        "json",
    ];
    let output = of_stdin(CART, &checks);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = &list(&output)["items"][0];
    assert_eq!(report["spec"]["policy"], "house");
    assert_eq!(report["status"]["findings"][0]["severity"], "low");

    fs::write(&path, policy.replace("severity: low", "weight: 999")).unwrap();
    let output = of_stdin(CART, &checks);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("policy.yaml:7:32: spec.checks[0].weight: "),
        "{said}"
    );
}

#[test]
fn mistakes_in_the_words_are_errors_of_usage() {
    for (arguments, told) in [
        (
            vec!["audit", "no-such-file.yaml"],
            "no-such-file.yaml: cannot be read",
        ),
        (
            vec!["audit", "-", "--checks", "privileged"],
            "did you mean privileged-container or privileged-port or scc-privileged?",
        ),
        (vec!["audit", "-", "-l", "a=(b"], "no label selector"),
        (
            vec!["audit", "-", "--min-score", "101"],
            "101 is not in 0..=100",
        ),
        (vec!["audit", "-", "--profile", "gold"], "gold"),
        (vec!["audit", "-", "-A"], "cannot be used with"),
        (
            vec!["audit", "-", "--profile", "scale", "--policy", "a.yaml"],
            "cannot be used with",
        ),
        (
            vec!["audit", "--kubeconfig", "no-such-kubeconfig"],
            "no-such-kubeconfig",
        ),
    ] {
        let output = prodready(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
}

#[test]
fn every_format_names_the_workload() {
    for format in ["table", "wide", "json", "yaml"] {
        let output = of_stdin(CART, &["-o", format]);
        assert!(text(&output.stdout).contains("Deployment/cart"), "{format}");
    }
    let yaml = text(&of_stdin(CART, &["-o", "yaml"]).stdout);
    let json = list(&of_stdin(CART, &["-o", "json"]));
    let read: Value = serde_saphyr::from_str(&yaml).unwrap();
    assert_eq!(read, json);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let shop = manifest("demo/shop-bad");
    let command = format!(
        "{} audit {shop} | head -n 1; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_prodready")
    );
    let output = Command::new("bash")
        .args(["-c", &command])
        .output()
        .unwrap();
    assert_eq!(text(&output.stderr), "");
    let code = text(&output.stdout).lines().last().map(str::to_owned);
    // Whether the pipe breaks is a matter of its size; if it does not, the findings decide.
    assert!(matches!(code.as_deref(), Some("0" | "1")), "{code:?}");
}
