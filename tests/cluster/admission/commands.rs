//! kubectl's verbs on a Deployment where a policy enforces with the ratchet on: what is printed, and what reached
//! the gate.

use futures::{StreamExt as _, stream};
use kube::Client;
use prodready_testkit::{ControlPlane, Ran, kubectl, kubectl_with_input, wait};
use serde_json::json;

use super::{
    kinds::{Fault, Kind},
    verbs::{BAD, CREATED, Form, Seen, VERBS, Verb, of_input},
};
use crate::support::{LIMIT, enforce, in_installation, request::Sent, wait_for_report};

/// How many commands run at a time.
const AT_A_TIME: usize = 4;

impl Verb {
    async fn prepare(&self, client: &Client, namespace: &str) {
        let kind = Kind::named("Deployment");
        let one = kind.one(namespace, self.name);
        for (number, form) in self.before.iter().enumerate() {
            let object = form.object(namespace, self.name);
            let sent = if number == 0 {
                Sent::create(&kind.all(namespace), object)
            } else {
                Sent::replace(&one, object)
            };
            let made = sent.send(client).await;
            assert!(made.is_success(), "{}: {}", self.name, made.message());
            let revision = (number + 1).to_string();
            wait("the revision is there", LIMIT, async || {
                let found = Sent::read(&one).send(client).await.body;
                found["metadata"]["annotations"]["deployment.kubernetes.io/revision"]
                    == revision.as_str()
            })
            .await;
        }
    }

    async fn run(&self, plane: &ControlPlane, namespace: &str) -> Ran {
        let command = self.command.replace("NAME", self.name);
        let mut arguments: Vec<&str> = command.split(' ').collect();
        arguments.extend(["-n", namespace]);
        let input = self
            .input
            .map(|form| form.object(namespace, self.name).to_string());
        kubectl_with_input(plane, &arguments, &input.unwrap_or_default()).await
    }

    /// What is not as it must be.
    fn wrong(&self, ran: &Ran, namespace: &str, arrived: &[String]) -> Option<String> {
        let name = self.name;
        let told = &ran.stderr;
        let speaks = told.contains(" is not ready by policy ") || told.contains(" may keep ");
        let denied = format!(
            "admission webhook \"enforce.prodready.dev\" denied the request: \
             Deployment/{name} is not ready by policy {namespace}: "
        );
        let let_through = format!(
            "Warning: Deployment/{name} may keep 1 finding of before this change (policy {namespace})"
        );
        let is_seen = match self.seen {
            Seen::Denied => !ran.success() && told.contains(&denied) && is_worth_reading(told),
            Seen::LetThrough => ran.success() && told.contains(&let_through),
            Seen::Nothing => ran.success() && !speaks,
            Seen::Conflict => {
                !ran.success() && !speaks && told.contains("Apply failed with 1 conflict")
            }
        };
        let of_this = |line: &&String| line.ends_with(&format!(" Deployment {name}"));
        let arrived: Vec<&str> = arrived
            .iter()
            .filter(of_this)
            .filter_map(|line| line.split(' ').next())
            .collect();
        (!is_seen || arrived != self.arrives).then(|| {
            format!(
                "{name}: expected {:?} and {:?}, arrived {arrived:?}, {ran}",
                self.seen, self.arrives
            )
        })
    }
}

/// Whether a denial names finding, field and fix, each on a line of its own.
fn is_worth_reading(told: &str) -> bool {
    let has = |beginning: &str| told.lines().any(|line| line.starts_with(beginning));
    (has("- [critical] privileged-container: container web ")
        || has("- [high] image-tag: container web "))
        && has("  field: spec.template.spec.containers[0].")
        && has("  fix: ")
}

#[tokio::test]
async fn each_verb_of_kubectl_is_answered_as_the_table_says_and_arrives_as_often() {
    in_installation("verbs", async |installation, client, namespace| {
        let plane = installation.plane;
        let prepared = stream::iter(&VERBS).map(|verb| verb.prepare(&client, &namespace));
        prepared
            .buffer_unordered(AT_A_TIME)
            .collect::<Vec<()>>()
            .await;
        let checks = ["privileged-container", "image-tag"];
        enforce(
            plane,
            &namespace,
            json!({"denySeverities": [], "denyChecks": checks}),
        )
        .await;
        // A scale is judged with its parent from memory.
        wait_for_report(&client, &namespace, "deployment-scale", |_| true).await;

        let run = stream::iter(&VERBS).map(async |verb| (verb, verb.run(plane, &namespace).await));
        let run: Vec<(&Verb, Ran)> = run.buffer_unordered(AT_A_TIME).collect().await;
        let arrived = installation.reviewed(&namespace);
        let wrong = run
            .iter()
            .filter_map(|(verb, ran)| verb.wrong(ran, &namespace, &arrived));
        let wrong: Vec<String> = wrong.collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let wanted: usize = VERBS.iter().map(|verb| verb.arrives.len()).sum();
        assert_eq!(arrived.len(), wanted, "{arrived:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_deleted_first_and_then_denied_is_gone() {
    in_installation(
        "replaced by force",
        async |installation, client, namespace| {
            let plane = installation.plane;
            let verb = of_input(
                "forced",
                BAD,
                "replace --force -f -",
                Form::AsBad,
                Seen::Denied,
                CREATED,
            );
            verb.prepare(&client, &namespace).await;
            enforce(
                plane,
                &namespace,
                json!({"denySeverities": [], "denyChecks": ["privileged-container"]}),
            )
            .await;
            let ran = verb.run(plane, &namespace).await;
            assert_eq!(
                verb.wrong(&ran, &namespace, &installation.reviewed(&namespace)),
                None
            );
            let one = Kind::named("Deployment").one(&namespace, "forced");
            assert_eq!(Sent::read(&one).send(&client).await.status, 404);
        },
    )
    .await;
}

#[tokio::test]
async fn a_job_made_by_hand_of_a_cron_job_is_judged() {
    in_installation(
        "from a cron job",
        async |installation, client, namespace| {
            let plane = installation.plane;
            let kind = Kind::named("CronJob");
            let nightly = kind.object(&namespace, "nightly", &[Fault::Privileged]);
            assert!(
                Sent::create(&kind.all(&namespace), nightly)
                    .send(&client)
                    .await
                    .is_success()
            );
            enforce(
                plane,
                &namespace,
                json!({"denySeverities": [], "denyChecks": ["privileged-container"]}),
            )
            .await;
            let create = [
                "create",
                "job",
                "by-hand",
                "--from=cronjob/nightly",
                "-n",
                &namespace,
            ];
            let told = kubectl(plane, &create).await.expect_failure();
            assert!(
                told.contains("Job/by-hand is not ready by policy"),
                "{told}"
            );
            assert_eq!(installation.reviewed(&namespace), ["CREATE Job by-hand"]);
        },
    )
    .await;
}
