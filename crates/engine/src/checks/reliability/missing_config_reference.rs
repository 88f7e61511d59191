//! missing-config-reference: what the pod needs is there.

use crate::{
    api::vocabulary::{Category, Profile, Severity},
    check::{Answer, Ask, Asked, Check, Covers, Fault, Minutes, Text},
    object::{Kind, Pointer, namespaced::ConfigMap, storage::PersistentVolumeClaim},
    surroundings::Seen,
};

pub(super) const CHECK: Check = Check {
    id: "missing-config-reference",
    title: "ConfigMap, key or claim missing",
    category: Category::Reliability,
    severity: Severity::High,
    effort: Minutes(15),
    since: "0.1.0",
    profile: Profile::Baseline,
    text: Text {
        sees: "A container or volume refers to a ConfigMap or to a key of one, or a volume to a PersistentVolumeClaim, that does not exist, and the reference is not optional. References to Secrets are not asked: many are made by a controller after the workload.",
        root_cause: "The ConfigMap was renamed, or is made by another chart that is not installed here.",
        scenario: "The pod waits in CreateContainerConfigError or Pending; in a rollout the old pods go on, and after the next restart nothing starts.",
        impact: "A fault that shows only when a pod is made again.",
        fix: "Deliver the object with the workload, or correct its name or key.",
    },
    links: &["https://kubernetes.io/docs/concepts/configuration/configmap/#configmaps-and-pods"],
    covers: Covers {
        audit_rows: &[46],
        peers: &[
            "kube-linter:env-value-from",
            "popeye:401",
            "kor:configmap",
            "redhat-cop:REQ_INV-00002",
        ],
    },
    parameters: &[],
    reads: &[Kind::ConfigMap, Kind::PersistentVolumeClaim],
    ask: Ask::Surroundings(ask),
};

fn ask(asked: &Asked<'_>) -> Answer {
    let mut wanted = Vec::new();
    let workload = asked.workload;
    for container in workload.planned_containers() {
        for (index, variable) in container.spec.env.iter().enumerate() {
            let reference = variable
                .value_from
                .as_ref()
                .and_then(|from| from.config_map_key_ref.as_ref());
            if let Some(reference) = reference.filter(|one| one.optional != Some(true)) {
                wanted.push(Wanted {
                    at: container.at(&format!("/env/{index}/valueFrom/configMapKeyRef")),
                    name: &reference.name,
                    key: Some(&reference.key),
                });
            }
        }
        for (index, from) in container.spec.env_from.iter().enumerate() {
            if let Some(source) = from
                .config_map_ref
                .as_ref()
                .filter(|one| one.optional != Some(true))
            {
                let at = container.at(&format!("/envFrom/{index}/configMapRef"));
                wanted.push(Wanted {
                    at,
                    name: &source.name,
                    key: None,
                });
            }
        }
    }
    let volumes = workload.pod().volumes.iter().enumerate();
    let mut claims = Vec::new();
    for (index, volume) in volumes {
        let at = |field: &str| workload.pod_at(&format!("/volumes/{index}/{field}"));
        if let Some(source) = volume
            .config_map
            .as_ref()
            .filter(|one| one.optional != Some(true))
        {
            wanted.push(Wanted {
                at: at("configMap"),
                name: &source.name,
                key: None,
            });
        }
        if let Some(claim) = &volume.persistent_volume_claim {
            claims.push((at("persistentVolumeClaim"), claim.claim_name.as_str()));
        }
    }
    if wanted.is_empty() && claims.is_empty() {
        return Answer::DoesNotApply;
    }
    let mut faults = Vec::new();
    let mut unseen = None;
    for one in wanted {
        match asked.surroundings.config_map(one.name) {
            Seen::Known(found) => faults.extend(
                one.missing(found)
                    .map(|message| Fault::new(one.at, message)),
            ),
            Seen::NotSeen(why) => unseen = Some(why),
        }
    }
    for (at, name) in claims {
        match asked.surroundings.named::<PersistentVolumeClaim>(name) {
            Seen::Known(Some(_)) => {}
            Seen::Known(None) => faults.push(Fault::new(
                at,
                format!("needs claim {name}, which there is not"),
            )),
            Seen::NotSeen(why) => unseen = Some(why),
        }
    }
    match unseen {
        Some(why) if faults.is_empty() => Answer::Unknown(why),
        _ => Answer::from_faults(faults),
    }
}

/// A ConfigMap, or a key of one, that a pod does not start without.
struct Wanted<'a> {
    at: Pointer,
    name: &'a str,
    key: Option<&'a str>,
}

/// ConfigMaps with certificates that a controller makes in every namespace, or in each that is in its mesh: of
/// Kubernetes, OpenShift, Istio and Linkerd.
const MADE_BY_CONTROLLERS: [&str; 4] = [
    "kube-root-ca.crt",
    "openshift-service-ca.crt",
    "istio-ca-root-cert",
    "linkerd-identity-trust-roots",
];

impl Wanted<'_> {
    fn missing(&self, found: Option<&ConfigMap>) -> Option<String> {
        let name = self.name;
        match (found, self.key) {
            (None, _) if MADE_BY_CONTROLLERS.contains(&name) => None,
            (None, _) => Some(format!("needs ConfigMap {name}, which there is not")),
            (Some(map), Some(key)) if !map.data.contains_key(key) => Some(format!(
                "needs key {key} of ConfigMap {name}, which has none"
            )),
            _ => None,
        }
    }
}
