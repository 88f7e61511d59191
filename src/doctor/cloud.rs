//! What clouds add by themselves to the `namespaceSelector` of every webhook, so that it leaves their own namespaces
//! alone. It is no fault of anybody's and nobody can take it out.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::webhook::reach::NAMESPACE_NAME;

/// Who adds a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cloud {
    /// Azure Kubernetes Service.
    Aks,
    /// Google Kubernetes Engine, Autopilot.
    Gke,
}

impl Cloud {
    /// The cloud that adds a term, if one does.
    ///
    /// AKS: `control-plane DoesNotExist` until 2022 and `control-plane NotIn [true]` since, and
    /// `kubernetes.azure.com/managedby NotIn [aks]` (Azure/AKS#1771, Azure/AKS#4002, Kong/kong-operator#239). GKE
    /// Autopilot: `kubernetes.io/metadata.name NotIn [kube-system, gke-gmp-system, gke-managed-cim, …]`
    /// (Dynatrace/dynatrace-operator#2194).
    fn of(term: &LabelSelectorRequirement) -> Option<Self> {
        let values = term.values.as_deref().unwrap_or_default();
        let is = |wanted: &[&str]| values == wanted;
        match (term.key.as_str(), term.operator.as_str()) {
            ("control-plane", "DoesNotExist") if values.is_empty() => Some(Self::Aks),
            ("control-plane", "NotIn") if is(&["true"]) => Some(Self::Aks),
            ("kubernetes.azure.com/managedby", "NotIn") if is(&["aks"]) => Some(Self::Aks),
            (NAMESPACE_NAME, "NotIn")
                if !values.is_empty() && values.iter().all(|name| is_googles(name)) =>
            {
                Some(Self::Gke)
            }
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Aks => "AKS",
            Self::Gke => "GKE Autopilot",
        }
    }
}

/// GKE's own namespaces: those of Kubernetes, and those that begin so, which it lets nobody else make.
fn is_googles(namespace: &str) -> bool {
    matches!(namespace, "kube-system" | "kube-node-lease" | "kube-public")
        || namespace.starts_with("gke-")
        || namespace.starts_with("gmp-")
}

/// Takes the terms of clouds out of the selectors of entries, and tells what those leave out.
pub(super) fn take_out_clouds<'a>(
    selectors: impl Iterator<Item = &'a mut LabelSelector>,
) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for terms in selectors.filter_map(|selector| selector.match_expressions.as_mut()) {
        terms.retain(|term| {
            let cloud = Cloud::of(term);
            told.extend(cloud.map(|cloud| format!("{}: {}", cloud.name(), in_words(term))));
            cloud.is_none()
        });
    }
    told
}

/// A term as the namespaces that do not come for it.
fn in_words(term: &LabelSelectorRequirement) -> String {
    let values = term.values.as_deref().unwrap_or_default().join(", ");
    match (term.key.as_str(), term.operator.as_str()) {
        (NAMESPACE_NAME, _) => format!("namespaces {values}"),
        (key, "DoesNotExist") => format!("namespaces with the label {key}"),
        (key, _) => format!("namespaces with {key}={values}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{LabelSelector, take_out_clouds};

    fn told(terms: &Value) -> (usize, Vec<String>) {
        let selector = json!({"matchExpressions": terms});
        let mut selector: LabelSelector = serde_json::from_value(selector).unwrap();
        let told = take_out_clouds(std::iter::once(&mut selector));
        let left = selector.match_expressions.unwrap();
        (left.len(), told.into_iter().collect())
    }

    #[test]
    fn the_terms_of_clouds_are_told_from_others() {
        let aks = json!([
            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system", "prodready-system"]},
            {"key": "control-plane", "operator": "NotIn", "values": ["true"]},
            {"key": "kubernetes.azure.com/managedby", "operator": "NotIn", "values": ["aks"]},
        ]);
        assert_eq!(
            told(&aks),
            (
                1,
                vec![
                    "AKS: namespaces with control-plane=true".to_owned(),
                    "AKS: namespaces with kubernetes.azure.com/managedby=aks".to_owned(),
                ]
            )
        );
        let gke = json!([
            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system", "gke-gmp-system", "gke-managed-cim"]},
            {"key": "team", "operator": "Exists"},
        ]);
        let namespaces = "GKE Autopilot: namespaces kube-system, gke-gmp-system, gke-managed-cim";
        assert_eq!(told(&gke), (1, vec![namespaces.to_owned()]));
        for foreign in [
            json!([{"key": "control-plane", "operator": "Exists"}]),
            json!([{"key": "control-plane", "operator": "NotIn", "values": ["true", "false"]}]),
            json!([{"key": "kubernetes.azure.com/managedby", "operator": "In", "values": ["aks"]}]),
            json!([{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system", "shop"]}]),
            json!([{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["kube-system"]}]),
        ] {
            assert_eq!(told(&foreign), (1, Vec::new()));
        }
    }
}
