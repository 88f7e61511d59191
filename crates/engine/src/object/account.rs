//! Accounts and what they may do: ServiceAccount, and Role, ClusterRole and their bindings of RBAC.

use serde::{Deserialize, Serialize};

use super::{
    lenient::null_is_default, metadata::Metadata, selector::LabelSelector, volume::NamedSource,
};

/// A ServiceAccount.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceAccount {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Whether pods get its token that say nothing themselves; true where nothing is said.
    pub automount_service_account_token: Option<bool>,
    /// Secrets to pull images with, for pods that name none themselves.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub image_pull_secrets: Vec<NamedSource>,
}

/// A Role (rbac.authorization.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it allows.
    #[serde(deserialize_with = "null_is_default")]
    pub rules: Vec<Rule>,
}

/// A ClusterRole (rbac.authorization.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterRole {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// What it allows. In a cluster the rules of the roles that it is made of are in it already.
    #[serde(deserialize_with = "null_is_default")]
    pub rules: Vec<Rule>,
    /// The roles that it is made of.
    pub aggregation_rule: Option<AggregationRule>,
}

/// Which roles a ClusterRole is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationRule {
    /// Any of these selects a role.
    #[serde(deserialize_with = "null_is_default")]
    pub cluster_role_selectors: Vec<LabelSelector>,
}

/// Some verbs on some resources (`PolicyRule`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    /// The verbs; `*` means all.
    #[serde(deserialize_with = "null_is_default")]
    pub verbs: Vec<String>,
    /// The groups; empty text for the core group, `*` for all.
    #[serde(deserialize_with = "null_is_default")]
    pub api_groups: Vec<String>,
    /// The resources, with subresources such as `pods/exec`; `*` means all.
    #[serde(deserialize_with = "null_is_default")]
    pub resources: Vec<String>,
    /// These objects alone; all where the list is empty.
    #[serde(rename = "resourceNames", deserialize_with = "null_is_default")]
    pub names: Vec<String>,
}

impl Rule {
    /// Whether it allows any of the verbs on a resource of a group, on every object of it.
    pub fn allows(&self, verbs: &[&str], group: &str, resource: &str) -> bool {
        let any =
            |list: &[String], wanted: &str| list.iter().any(|one| one == "*" || one == wanted);
        self.names.is_empty()
            && verbs.iter().any(|verb| any(&self.verbs, verb))
            && any(&self.api_groups, group)
            && self.resources.iter().any(|one| means(one, resource))
    }
}

/// `*/exec` means the subresource of every resource.
fn means(written: &str, resource: &str) -> bool {
    let of_all = written.strip_prefix("*/").is_some_and(|sub| {
        let own = resource.split_once('/').map(|(_, sub)| sub);
        own == Some(sub)
    });
    written == "*" || written == resource || of_all
}

/// A RoleBinding (rbac.authorization.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleBinding {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Who is bound.
    #[serde(deserialize_with = "null_is_default")]
    pub subjects: Vec<Bound>,
    /// To which role.
    #[serde(deserialize_with = "null_is_default")]
    pub role_ref: RoleReference,
}

/// A ClusterRoleBinding (rbac.authorization.k8s.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterRoleBinding {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Who is bound.
    #[serde(deserialize_with = "null_is_default")]
    pub subjects: Vec<Bound>,
    /// To which role.
    #[serde(deserialize_with = "null_is_default")]
    pub role_ref: RoleReference,
}

/// Who is bound to a role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bound {
    /// `ServiceAccount`, `User` or `Group`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The namespace of a ServiceAccount.
    pub namespace: Option<String>,
}

impl Bound {
    /// Whether an account is meant, by its own name or by a group that all accounts are in.
    pub fn means_account(&self, namespace: &str, name: &str) -> bool {
        match self.kind.as_str() {
            "ServiceAccount" => {
                self.name == name && self.namespace.as_deref().unwrap_or(namespace) == namespace
            }
            "User" => self.name == format!("system:serviceaccount:{namespace}:{name}"),
            "Group" => {
                self.name == "system:serviceaccounts"
                    || self.name == "system:authenticated"
                    || self.name == format!("system:serviceaccounts:{namespace}")
            }
            _ => false,
        }
    }
}

/// The role of a binding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleReference {
    /// `Role` or `ClusterRole`.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// A SecurityContextConstraints of OpenShift (security.openshift.io/v1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityContextConstraints {
    /// Its name, labels and annotations.
    pub metadata: Metadata,
    /// Whether privileged containers are let in.
    #[serde(deserialize_with = "null_is_default")]
    pub allow_privileged_container: bool,
    /// Users that may use it, accounts among them.
    #[serde(deserialize_with = "null_is_default")]
    pub users: Vec<String>,
    /// Groups that may use it.
    #[serde(deserialize_with = "null_is_default")]
    pub groups: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::{Bound, Rule};

    fn rule(yaml: &str) -> Rule {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn stars_mean_all_and_names_narrow() {
        let all = rule("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}");
        assert!(all.allows(&["get"], "", "secrets"));
        let one =
            rule("{apiGroups: [''], resources: [secrets], verbs: [get], resourceNames: [tls]}");
        assert!(!one.allows(&["get"], "", "secrets"));
        let exec = rule("{apiGroups: [''], resources: ['*/exec'], verbs: [create]}");
        assert!(exec.allows(&["create"], "", "pods/exec"));
        assert!(!exec.allows(&["create"], "", "pods"));
        assert!(!exec.allows(&["create"], "apps", "pods/exec"));
    }

    #[test]
    fn an_account_is_meant_by_its_groups_too() {
        let bound = |yaml: &str| -> Bound { serde_saphyr::from_str(yaml).unwrap() };
        assert!(
            bound("{kind: ServiceAccount, name: web, namespace: shop}")
                .means_account("shop", "web")
        );
        assert!(
            !bound("{kind: ServiceAccount, name: web, namespace: other}")
                .means_account("shop", "web")
        );
        assert!(
            bound("{kind: Group, name: 'system:serviceaccounts:shop'}")
                .means_account("shop", "web")
        );
        assert!(
            !bound("{kind: Group, name: 'system:serviceaccounts:other'}")
                .means_account("shop", "web")
        );
    }
}
