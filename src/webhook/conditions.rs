//! What the API server itself decides before it asks, so that it holds with every replica dead.
//!
//! Each expression looks before it touches a field: an error under failurePolicy Fail would reject the request.
//! `authorizer` raises none either: an authorizer that fails has not allowed anything
//! (k8s.io/apiserver `pkg/cel/library/authz.go`), and the two checks cost 0.7 of the 2.5 million that
//! matchConditions may cost together.

use k8s_openapi::api::admissionregistration::v1::MatchCondition;
use prodready_engine::api::vocabulary::WorkloadKind;

use super::probe;

/// Whoever has the verb passes. A right to everything does not count: administrators, and the GitOps controllers
/// that work with their rights, would never meet the gate.
const BREAKGLASS: &str = "authorizer.group('prodready.dev').resource('productionreadinesspolicies').check('breakglass').allowed() && \
     !authorizer.group('prodready.dev').resource('productionreadinesspolicies').check('*').allowed()";

/// Which side of the verb `breakglass` an entry asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breakglass {
    /// Those who have it not: they are judged.
    Without,
    /// Those who have it: they are noted.
    With,
}

/// The conditions of an entry. `workload_controllers` are the accounts that make objects for workloads.
pub(super) fn of_workloads(
    workload_controllers: &[String],
    breakglass: Breakglass,
) -> Vec<MatchCondition> {
    let accounts = listed(workload_controllers.iter().map(String::as_str));
    let kinds = listed(WorkloadKind::ALL.iter().map(|kind| kind.as_str()));
    vec![
        condition(
            "not-being-deleted",
            "!has(object.metadata.deletionTimestamp)",
        ),
        condition(
            "spec-or-labels-changed",
            "request.operation != 'UPDATE' || object.spec != oldObject.spec || \
             (has(object.metadata.labels) ? object.metadata.labels : {}) != \
             (has(oldObject.metadata.labels) ? oldObject.metadata.labels : {})",
        ),
        condition(
            "not-made-by-a-workload-controller",
            &format!(
                "!(request.userInfo.username in [{accounts}] && has(object.metadata.ownerReferences) && \
                 object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller && \
                 owner.kind in [{kinds}]))"
            ),
        ),
        condition(
            "not-a-mirror-pod",
            "!(request.userInfo.username.startsWith('system:node:') && has(object.metadata.annotations) && \
             'kubernetes.io/config.mirror' in object.metadata.annotations)",
        ),
        // What repairs a node's network must come up while that network does not lead to the gate.
        condition(
            "not-the-network-of-nodes",
            "!(request.kind.kind == 'DaemonSet' && has(object.spec.template.spec.hostNetwork) && \
             object.spec.template.spec.hostNetwork && has(object.spec.template.spec.priorityClassName) && \
             object.spec.template.spec.priorityClassName in ['system-node-critical', 'system-cluster-critical'])",
        ),
        condition(
            "not-scaled-by-an-autoscaler",
            "!(request.subResource == 'scale' && request.userInfo.username in \
             ['system:serviceaccount:kube-system:horizontal-pod-autoscaler', \
             'system:serviceaccount:keda:keda-operator'])",
        ),
        match breakglass {
            Breakglass::Without => condition("not-by-breakglass", &format!("!({BREAKGLASS})")),
            Breakglass::With => condition("by-breakglass", BREAKGLASS),
        },
    ]
}

/// The conditions of the entry for the probe: nobody else's request comes by it, not even one that is stored.
pub(super) fn of_the_probe() -> Vec<MatchCondition> {
    vec![condition(
        "is-the-probe",
        &format!(
            "has(request.dryRun) && request.dryRun && object.metadata.name == {}",
            quoted(probe::NAME)
        ),
    )]
}

fn condition(name: &str, expression: &str) -> MatchCondition {
    MatchCondition {
        name: name.to_owned(),
        expression: expression.to_owned(),
    }
}

fn listed<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = texts.map(quoted).collect();
    quoted.join(", ")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}
