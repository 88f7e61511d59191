//! A date at which warnings become denials, by itself.

use jiff::{Timestamp, ToSpan as _};
use prodready_testkit::{kubectl_with_input, wait};
use serde_json::json;

use crate::support::{LIMIT, apply_policy, in_installation, objects::pod};

#[tokio::test]
async fn a_policy_warns_until_its_date_and_denies_from_then_on_without_a_restart() {
    in_installation("dated", async |installation, _client, namespace| {
        let plane = installation.plane;
        let from = Timestamp::now() + 8.seconds();
        let enforcement =
            json!({"mode": "Enforce", "from": from.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()});
        let spec = json!({"precedence": 100, "enforcement": enforcement});
        apply_policy(plane, &namespace, &namespace, spec).await;
        let bad = pod(&namespace, "bad", true).to_string();
        let dry_run = ["create", "--dry-run=server", "-f", "-"];

        let warned = wait("the gate warns", LIMIT, async || {
            let answer = kubectl_with_input(plane, &dry_run, &bad).await;
            if answer.stderr.contains("this will be denied from") {
                Ok(answer)
            } else {
                Err(answer.to_string())
            }
        })
        .await;
        assert!(
            Timestamp::now() < from,
            "the machine is too slow for this test"
        );
        warned.expect_success();

        wait("the gate denies", LIMIT, async || {
            let answer = kubectl_with_input(plane, &dry_run, &bad).await;
            if answer.stderr.contains("denied the request") {
                Ok(())
            } else {
                Err(answer.to_string())
            }
        })
        .await;
        let late = Timestamp::now().duration_since(from);
        assert!(late.as_secs() < 5, "it denies {late:?} after its date");
    })
    .await;
}
