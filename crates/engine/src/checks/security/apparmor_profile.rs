//! apparmor-profile: no container is taken out of AppArmor.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Containers, Covers, Fault, Minutes, Text},
    fix::Edit,
    object::{Container, Pointer, security::AppArmorProfile},
};

pub(super) const CHECK: Check = Check {
    id: "apparmor-profile",
    title: "AppArmor switched off",
    category: Category::Security,
    severity: Severity::Medium,
    effort: Minutes(10),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "The AppArmor profile in force for a container is Unconfined: by field (Kubernetes 1.30), of the container or the pod, or by the annotation of old for a container without the field. Saying nothing is the runtime's default, and passes.",
        root_cause: "The profile got in the way once, and nobody wrote a narrower one.",
        scenario: "An intruder mounts, traces and reads what the default profile would have refused.",
        impact: "One of the walls between a flaw and the node is missing.",
        fix: "Set appArmorProfile to RuntimeDefault, or to Localhost with a profile of your own.",
    },
    links: &["https://kubernetes.io/docs/tutorials/security/apparmor/"],
    covers: Covers {
        audit_rows: &[],
        peers: &[
            "trivy:KSV-0002",
            "kyverno:restrict-apparmor-profiles",
            "kubesec:ApparmorUnconfined",
            "gatekeeper:apparmor",
            "kics:Missing App Armor Config",
            "kubeaudit:apparmor",
            "kubesec:ApparmorAny",
            "kyverno:add-apparmor",
        ],
    },
    parameters: &[],
    reads: &[],
    ask: Ask::Containers(Containers::AllLinux, ask),
};

/// Before the field; the container's name follows.
const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

fn ask(container: &Container<'_>, asked: &Asked<'_>) -> Answer {
    let own = container
        .spec
        .security_context
        .as_ref()
        .and_then(|own| own.app_armor_profile.as_ref());
    let pods = asked
        .workload
        .pod()
        .security_context
        .as_ref()
        .and_then(|pods| pods.app_armor_profile.as_ref());
    let suffix = "/securityContext/appArmorProfile/type";
    let fault = |pointer: Pointer| {
        let message = "runs without AppArmor's protection (Unconfined)";
        Answer::fails(Fault::in_container_at(container, pointer, message))
    };
    let is_off = |profile: &AppArmorProfile| profile.kind == "Unconfined";
    match (own, pods) {
        (Some(own), _) if is_off(own) => {
            let at = container.at(suffix);
            let message = "runs without AppArmor's protection (Unconfined)";
            let fault = Fault::in_container(container, suffix, message);
            Answer::fails(fault.edit(Edit::set(at, "RuntimeDefault")))
        }
        (None, Some(pods)) if is_off(pods) => fault(container.pod_at(suffix)),
        (None, None) => {
            let key = format!("{ANNOTATION}{}", container.name());
            let annotations = &asked.workload.spec.template.metadata.annotations;
            match annotations.get(&key).map(String::as_str) {
                Some("unconfined") => fault(container.root()),
                _ => Answer::Passes,
            }
        }
        _ => Answer::Passes,
    }
}
