//! `prodready baseline` on files.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::{Output, prodready, text};

const CART: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
      - name: web
        image: shop/cart:latest
        securityContext:
          privileged: true
";

const POLICY: &str = "\
apiVersion: prodready.dev/v1alpha1
kind: ProductionReadinessPolicy
metadata: {name: house}
spec:
  exceptions: {maxDays: 30}
  enforcement: {mode: Enforce, denySeverities: [], denyChecks: [privileged-container, image-tag]}
";

const BASELINE: &str = "\
---
apiVersion: prodready.dev/v1alpha1
kind: ReadinessException
metadata:
  labels:
    prodready.dev/baseline: \"true\"
  name: baseline-web.deployment-cart
  namespace: shop
spec:
  workloads:
  - kind: Deployment
    name: cart
  checks:
  - image-tag
  - privileged-container
  containers:
  - name: web
    image: shop/cart
  reason: it was there before policy house was enforced
  expirationTime: \"2027-01-31T00:00:00Z\"
";

fn written(directory: &Path, name: &str, content: &str) -> String {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

/// A directory with a policy beside the files.
fn files(contents: &[(&str, &str)]) -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let policy = written(directory.path(), "policy.yaml", POLICY);
    let shop = directory.path().join("shop");
    fs::create_dir(&shop).unwrap();
    for (name, content) in contents {
        written(&shop, name, content);
    }
    (directory, policy)
}

fn baseline(contents: &[(&str, &str)], at: &str, more: &[&str]) -> Output {
    let (directory, policy) = files(contents);
    let shop = directory.path().join("shop").display().to_string();
    let common = ["baseline", "-f", &shop, "--policy", &policy, "--at", at];
    prodready(&[&common[..], more].concat())
}

const NOON: &str = "2027-01-01T12:00:00Z";

#[test]
fn what_a_policy_would_deny_is_printed_as_exceptions() {
    let output = baseline(&[("cart.yaml", CART)], NOON, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), BASELINE);
    assert_eq!(
        text(&output.stderr),
        "note: exceptions: 1, of workloads: 1, to be approved: 1\n"
    );
}

#[test]
fn a_second_run_says_the_same_and_one_after_mending_less() {
    let approved = BASELINE.to_owned() + "  approvedBy: olga\n";
    let files = [("cart.yaml", CART), ("baseline.yaml", approved.as_str())];
    // Also days later: an exception that is there keeps its end.
    let again = baseline(&files, "2027-01-20T08:00:00Z", &[]);
    assert_eq!(text(&again.stdout), approved);

    let mended = CART.replace(":latest", ":1.4.2");
    let files = [("cart.yaml", mended.as_str()), ("baseline.yaml", BASELINE)];
    let less = baseline(&files, NOON, &[]);
    assert_eq!(text(&less.stdout), BASELINE.replace("  - image-tag\n", ""));

    let well = mended.replace("privileged: true", "privileged: false");
    let files = [("cart.yaml", well.as_str()), ("baseline.yaml", BASELINE)];
    let nothing = baseline(&files, NOON, &[]);
    assert_eq!(nothing.status.code(), Some(0));
    assert_eq!(text(&nothing.stdout), "");
}

#[test]
fn with_the_baseline_nobody_would_be_denied() {
    let approved = BASELINE.to_owned() + "  approvedBy: olga\n";
    for (exceptions, code) in [(BASELINE, 1), (approved.as_str(), 0)] {
        let (directory, policy) = files(&[("cart.yaml", CART), ("baseline.yaml", exceptions)]);
        let shop = directory.path().join("shop").display().to_string();
        let output = prodready(&["preview", &shop, "--policy", &policy, "--at", NOON]);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stdout));
    }
}

#[test]
fn who_asks_why_and_until_when_may_be_said() {
    let more = [
        "--requested-by",
        "tina",
        "--approve",
        "--reason",
        "the release train leaves in February",
        "--ticket",
        "SHOP-112",
        "--expires",
        "40d",
    ];
    let output = baseline(&[("cart.yaml", CART)], NOON, &more);
    let told = text(&output.stdout);
    let end = "\
  reason: the release train leaves in February
  ticket: SHOP-112
  expirationTime: \"2027-01-31T00:00:00Z\"
  requestedBy: tina
  approvedBy: tina
";
    assert!(told.ends_with(end), "{told}");
    let told = text(&output.stderr);
    let capped = "note: the policy allows 30 days from the creation of an exception: it ends at 2027-01-31T00:00:00Z\n";
    assert!(told.contains(capped), "{told}");
}

#[test]
fn all_findings_are_kept_where_that_is_asked() {
    let few = baseline(&[("cart.yaml", CART)], NOON, &[]);
    let all = baseline(&[("cart.yaml", CART)], NOON, &["--all-findings"]);
    assert!(!text(&few.stdout).contains("memory-request"));
    let told = text(&all.stdout);
    assert!(told.contains("  - memory-request\n"), "{told}");
    assert!(
        told.contains("  name: baseline.deployment-cart\n"),
        "{told}"
    );
}

#[test]
fn mistakes_of_usage_end_with_two() {
    for (more, told) in [
        (&["--approve"][..], "say in whose name with --requested-by"),
        (
            &["--expires", "2026-12-31T00:00:00Z"],
            "that is over already",
        ),
        (
            &["--expires", "soon"],
            "write a time as 2027-03-31T00:00:00Z, or days as 30d",
        ),
        (
            &["--reason", "because"],
            "say why in at least 20 characters",
        ),
    ] {
        let output = baseline(&[("cart.yaml", CART)], NOON, more);
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains(told), "{stderr}");
    }
    let (directory, _) = files(&[("cart.yaml", CART)]);
    let shop = directory.path().join("shop").display().to_string();
    let output = prodready(&["baseline", "-f", &shop]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("say which policy the files are to be judged by"));
}
