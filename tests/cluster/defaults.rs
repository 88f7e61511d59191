//! What the gate fills in as objects are stored, as the API server, kubectl and other webhooks see it.

use std::collections::BTreeSet;

use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, GroupVersionKind, PostParams},
};
use prodready_engine::{
    api::vocabulary::WorkloadKind,
    checks,
    gate::{Case, MARK, Reach, fill_in, made_now},
    object::Workload,
    policy::Policy,
};
use prodready_testkit::{ControlPlane, kubectl, kubectl_with_input, wait};
use serde_json::{Value, json};

use crate::{
    examples::{self, Example, Subject},
    support::{
        LIMIT, apply, apply_policy, enforce, in_installation,
        injector::Injector,
        objects::{deployment, pod},
    },
};

/// Offered to people, and not filled in: the fix says itself that more is to be done for the image to work.
const LEFT_OUT: [&str; 1] = ["read-only-root-filesystem"];

/// Denies what lacks what it fills in, so that what is admitted was filled in.
async fn fills_in(plane: &ControlPlane, namespace: &str, checks: &[&str]) {
    let enforcement =
        json!({"denySeverities": [], "denyChecks": ["seccomp-profile", "privilege-escalation"]});
    enforce(plane, namespace, enforcement.clone()).await;
    let mut enforcement = enforcement;
    enforcement["mode"] = json!("Enforce");
    let spec = json!({
        "precedence": 100,
        "profile": "scale",
        "checks": [{"id": "user-namespace", "parameters": [{"name": "require", "value": 1}]}],
        "enforcement": enforcement,
        "defaults": {"checks": checks},
    });
    apply_policy(plane, namespace, namespace, spec).await;
    let canary = deployment(namespace, "canary", false).to_string();
    let dry_run = ["create", "--dry-run=server", "-f", "-"];
    wait("the gate fills in", LIMIT, async || {
        let answer = kubectl_with_input(plane, &dry_run, &canary).await;
        if answer.stderr.contains("filled in") {
            Ok(())
        } else {
            Err(answer.to_string())
        }
    })
    .await;
}

async fn read(plane: &ControlPlane, namespace: &str, object: &str) -> Value {
    let got = kubectl(plane, &["get", object, "-n", namespace, "-o", "json"]).await;
    serde_json::from_str(&got.expect_success()).unwrap()
}

fn filled_in(object: &Value) -> Value {
    let pod = &object["spec"]["template"]["spec"];
    json!([
        object["metadata"]["annotations"][MARK],
        pod["securityContext"]["seccompProfile"]["type"],
        pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"],
    ])
}

#[tokio::test]
async fn what_is_left_out_comes_in_filled_in_marked_told_and_admitted() {
    in_installation("filled", async |installation, _, namespace| {
        let plane = installation.plane;
        fills_in(plane, &namespace, &["seccomp-profile", "privilege-escalation"]).await;
        let wanted = json!(["privilege-escalation, seccomp-profile", "RuntimeDefault", false]);

        let web = deployment(&namespace, "web", false).to_string();
        let applied = kubectl_with_input(plane, &["apply", "-f", "-"], &web).await;
        assert!(applied.success(), "{applied}");
        let told: Vec<&str> = applied.stderr.lines().collect();
        assert_eq!(
            told,
            [
                format!("Warning: policy {namespace} filled in 2 fields that were left out:").as_str(),
                "Warning: privilege-escalation: spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation: false",
                "Warning: seccomp-profile: spec.template.spec.securityContext.seccompProfile: {\"type\":\"RuntimeDefault\"}",
            ]
        );
        let first = read(plane, &namespace, "deploy/web").await;
        assert_eq!(filled_in(&first), wanted);

        // Whoever sends the same again, in whatever way, changes nothing: no pod is made anew.
        for again in [
            &["apply", "-f", "-"][..],
            &["apply", "-f", "-"],
            &["replace", "-f", "-"],
        ] {
            kubectl_with_input(plane, again, &web).await.expect_success();
            let now = read(plane, &namespace, "deploy/web").await;
            assert_eq!(filled_in(&now), wanted, "{again:?}");
            assert_eq!(now["spec"], first["spec"], "{again:?}");
        }

        let created = deployment(&namespace, "created", false).to_string();
        kubectl_with_input(plane, &["create", "-f", "-"], &created).await.expect_success();
        assert_eq!(filled_in(&read(plane, &namespace, "deploy/created").await), wanted);

        let by_server = ["apply", "--server-side", "-f", "-"];
        let served = deployment(&namespace, "served", false).to_string();
        for _ in 0..3 {
            kubectl_with_input(plane, &by_server, &served).await.expect_success();
            let now = read(plane, &namespace, "deploy/served").await;
            assert_eq!(filled_in(&now), wanted);
            assert_eq!(now["metadata"]["generation"], 1, "an application of the same changed it");
        }
        let image = ["set", "image", "deploy/served", "web=shop/web:1.5.0", "-n", &namespace];
        kubectl(plane, &image).await.expect_success();
        assert_eq!(filled_in(&read(plane, &namespace, "deploy/served").await), wanted);
        // Nobody owns what was filled in, so nobody's application takes it away.
        for name in ["deploy/web", "deploy/served"] {
            let get = ["get", name, "-n", &namespace, "-o", "json", "--show-managed-fields"];
            let owned = kubectl(plane, &get).await.expect_success();
            assert!(owned.contains("f:image\""), "{owned}");
            for field in ["f:seccompProfile", "f:allowPrivilegeEscalation", MARK] {
                assert!(!owned.contains(&format!("{field}\": {{}}")), "{owned}");
            }
        }
        // What its controller makes has the fields from the template, and no mark of its own.
        kubectl(plane, &["rollout", "status", "deploy/served", "-n", &namespace, "--timeout=60s"]).await.expect_success();
        let pods = read(plane, &namespace, "pods").await;
        for pod in pods["items"].as_array().unwrap() {
            assert_eq!(pod["metadata"]["annotations"][MARK], Value::Null);
            assert_eq!(pod["spec"]["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_written_on_purpose_is_kept_and_what_is_there_is_not_restarted() {
    in_installation("kept", async |installation, _, namespace| {
        let plane = installation.plane;
        apply(plane, &deployment(&namespace, "before", false)).await;
        apply(plane, &pod(&namespace, "alone", false)).await;
        fills_in(
            plane,
            &namespace,
            &["seccomp-profile", "privilege-escalation"],
        )
        .await;

        let mut on_purpose = deployment(&namespace, "sudo", false);
        let container = &mut on_purpose["spec"]["template"]["spec"]["containers"][0];
        container["securityContext"]["allowPrivilegeEscalation"] = json!(true);
        let refused =
            kubectl_with_input(plane, &["apply", "-f", "-"], &on_purpose.to_string()).await;
        let told = refused.expect_failure();
        assert!(
            told.contains("container web allows privilege escalation"),
            "{told}"
        );
        assert!(told.contains("1 finding is not allowed"), "{told}");

        // Neither a label nor a number of replicas makes new pods.
        kubectl(
            plane,
            &["label", "deploy/before", "team=shop", "-n", &namespace],
        )
        .await
        .expect_success();
        kubectl(
            plane,
            &["scale", "deploy/before", "--replicas=2", "-n", &namespace],
        )
        .await
        .expect_success();
        let replicas = [
            "patch",
            "deploy/before",
            "-n",
            &namespace,
            "-p",
            r#"{"spec": {"replicas": 1}}"#,
        ];
        kubectl(plane, &replicas).await.expect_success();
        let before = read(plane, &namespace, "deploy/before").await;
        assert_eq!(filled_in(&before), json!([null, null, null]));
        let why = tokio::process::Command::new(env!("CARGO_BIN_EXE_prodready"))
            .args(["why", "deploy/before", "-n", &namespace, "--kubeconfig"])
            .arg(plane.kubeconfig())
            .output()
            .await
            .unwrap();
        let told = String::from_utf8(why.stdout).unwrap();
        let expected = "\n\
Made anew, what it leaves out would be filled in:\n\
\n  privilege-escalation: spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation: false\
\n  seccomp-profile: spec.template.spec.securityContext.seccompProfile: {\"type\":\"RuntimeDefault\"}\n\
\nMade anew, it would be admitted.\n";
        assert!(told.ends_with(expected), "{told}");
        assert_eq!(why.status.code(), Some(0));
        // The API server would refuse a Pod that gets such a field later.
        let image = [
            "set",
            "image",
            "pod/alone",
            "web=shop/web:1.5.0",
            "-n",
            &namespace,
        ];
        kubectl(plane, &image).await.expect_success();

        kubectl(
            plane,
            &["rollout", "restart", "deploy/before", "-n", &namespace],
        )
        .await
        .expect_success();
        let after = read(plane, &namespace, "deploy/before").await;
        assert_eq!(filled_in(&after)[1], "RuntimeDefault");
    })
    .await;
}

/// Another webhook, which is asked after ours, puts a container into what comes: ours is asked again.
#[tokio::test]
async fn what_another_webhook_adds_later_is_filled_in_as_well() {
    in_installation("injected", async |installation, client, namespace| {
        let plane = installation.plane;
        fills_in(
            plane,
            &namespace,
            &["seccomp-profile", "privilege-escalation"],
        )
        .await;
        let injector = Injector::start(&client, &namespace).await;
        let web = deployment(&namespace, "web", false).to_string();
        for _ in 0..2 {
            kubectl_with_input(plane, &["apply", "-f", "-"], &web)
                .await
                .expect_success();
            let stored = read(plane, &namespace, "deploy/web").await;
            let containers = &stored["spec"]["template"]["spec"]["containers"];
            assert_eq!(containers[1]["name"], "injected");
            for container in [&containers[0], &containers[1]] {
                assert_eq!(
                    container["securityContext"]["allowPrivilegeEscalation"], false,
                    "{container}"
                );
            }
            assert_eq!(stored["metadata"]["generation"], 1);
        }
        injector.end(&client).await;
    })
    .await;
}

/// Each check that may be listed, and each that may not, on what the API server makes of its examples.
#[tokio::test]
async fn what_is_said_to_be_filled_in_is_filled_in_by_the_api_server_and_nothing_else_could_be() {
    in_installation("examples", async |installation, client, namespace| {
        let plane = installation.plane;
        let fillable: Vec<&str> = checks::fillable().map(|check| check.id).collect();
        let (mut wrong, mut possible) = (Vec::new(), BTreeSet::new());
        let others = examples::all();
        let others = others
            .iter()
            .filter(|one| !fillable.contains(&one.check.id) && !one.check.needs_surroundings());
        for example in others {
            let mut policy = example.policy();
            policy.defaults = vec![example.check];
            for (subject, stored) in stored(&client, &namespace, example).await {
                let workload = Workload::read(subject, &stored).unwrap();
                let (cluster, _) = example.load(false);
                let around = cluster.around("shop");
                if fill_in(&case(&workload, around, &policy), stored).is_some() {
                    possible.insert(example.check.id);
                }
            }
        }
        assert_eq!(possible, BTreeSet::from(LEFT_OUT));

        fills_in(plane, &namespace, &fillable).await;
        let policy = policy(plane, &namespace).await;
        let mut seen = BTreeSet::new();
        for example in examples::all()
            .iter()
            .filter(|one| fillable.contains(&one.check.id))
        {
            let (cluster, subjects) = example.load(false);
            for subject in &subjects {
                let Some(stored) = sent(&client, &namespace, subject).await else {
                    continue;
                };
                let made = made_now(&case(&subject.workload, cluster.around("shop"), &policy));
                let said = made.map(|(_, added)| added.iter().map(|added| added.check).collect());
                let said: BTreeSet<&str> = said.unwrap_or_default();
                let marked = stored["metadata"]["annotations"][MARK]
                    .as_str()
                    .unwrap_or_default();
                let marked: BTreeSet<&str> =
                    marked.split(", ").filter(|id| !id.is_empty()).collect();
                if marked != said {
                    wrong.push(format!(
                        "{}: said {said:?}, filled in {marked:?}",
                        example.place
                    ));
                }
                seen.extend(said);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(seen, fillable.into_iter().collect());
    })
    .await;
}

fn case<'a>(
    workload: &'a Workload,
    surroundings: prodready_engine::surroundings::Surroundings<'a>,
    policy: &'a Policy,
) -> Case<'a> {
    Case {
        workload,
        surroundings,
        policy,
        reach: Reach::Policy,
        now: jiff::Timestamp::now(),
    }
}

async fn policy(plane: &ControlPlane, name: &str) -> Policy {
    let got = kubectl(plane, &["get", "prp", name, "-o", "json"]).await;
    let written = serde_json::from_str(&got.expect_success()).unwrap();
    Policy::compile(&written).unwrap()
}

/// The workloads of an example as the API server would store them; not those that it refuses.
async fn stored(client: &Client, namespace: &str, example: &Example) -> Vec<(WorkloadKind, Value)> {
    let (_, subjects) = example.load(false);
    let mut stored = Vec::new();
    for subject in &subjects {
        let object = sent(client, namespace, subject).await;
        stored.extend(object.map(|object| (subject.workload.kind, object)));
    }
    stored
}

async fn sent(client: &Client, namespace: &str, subject: &Subject<'_>) -> Option<Value> {
    let mut object: DynamicObject =
        serde_json::from_value(serde_json::to_value(&subject.node).unwrap()).unwrap();
    object.metadata.namespace = None;
    let types = object.types.clone().unwrap();
    let (group, version) = types
        .api_version
        .split_once('/')
        .unwrap_or(("", &types.api_version));
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &types.kind));
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &kind);
    let dry_run = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let stored = api.create(&dry_run, &object).await.ok()?;
    Some(serde_json::to_value(stored).unwrap())
}
