//! The account of a workload, and what it may do.

use std::collections::BTreeSet;

use super::{Seen, Surroundings};
use crate::object::{
    Kind, Workload,
    account::{ClusterRole, ClusterRoleBinding, Role, RoleBinding, Rule, ServiceAccount},
    resource::Surrounding as _,
};

/// A role that an account has, by a binding.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    /// `ClusterRoleBinding/shop` or `RoleBinding/shop`.
    pub binding: String,
    /// `ClusterRole/view` or `Role/reader`.
    pub role: String,
    /// Whether it holds in every namespace.
    pub cluster_wide: bool,
    /// What it allows.
    pub rules: Vec<&'a Rule>,
}

impl Grant<'_> {
    /// Whether it allows any of the verbs on a resource of a group, on every object of it.
    pub fn allows(&self, verbs: &[&str], group: &str, resource: &str) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.allows(verbs, group, resource))
    }

    /// Whether it allows everything.
    pub fn allows_everything(&self) -> bool {
        let star = |list: &[String]| list.iter().any(|one| one == "*");
        self.rules.iter().any(|rule| {
            star(&rule.verbs)
                && star(&rule.api_groups)
                && star(&rule.resources)
                && rule.names.is_empty()
        })
    }
}

/// Somebody who may change a namespace's own labels by a right in that namespace alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceEditor {
    /// The namespace.
    pub namespace: String,
    /// `RoleBinding/admins`.
    pub binding: String,
}

impl super::Cluster {
    /// Who may change the labels of one namespace without a right over all of them: its administrators, where their
    /// role says so. The API server asks the namespace's own roles about the namespace itself.
    pub fn namespace_editors(&self) -> Vec<NamespaceEditor> {
        let around = self.around("");
        let bindings = around.everywhere::<RoleBinding>();
        let editors = bindings.filter(|binding| {
            let namespace = binding.metadata.namespace.as_str();
            let rules = around.rules_of(binding);
            !binding.subjects.is_empty()
                && rules.iter().any(|rule| rule.changes_namespace(namespace))
        });
        editors
            .map(|binding| NamespaceEditor {
                namespace: binding.metadata.namespace.clone(),
                binding: format!("RoleBinding/{}", binding.metadata.name),
            })
            .collect()
    }
}

impl Rule {
    fn changes_namespace(&self, name: &str) -> bool {
        let names = &self.names;
        let unnamed = Self {
            names: Vec::new(),
            ..self.clone()
        };
        (names.is_empty() || names.iter().any(|one| one == name))
            && unnamed.allows(&["update", "patch"], "", "namespaces")
    }
}

impl<'a> Surroundings<'a> {
    /// The account of a workload. Every namespace has one that is called `default`.
    pub fn account(&self, workload: &Workload) -> Seen<Option<&'a ServiceAccount>> {
        self.named(workload.account_name())
    }

    /// What the account of a workload may do. What the groups of all accounts may do is left out: it says nothing
    /// about this one. Known roles are resolved; of others, only that they are bound is known.
    pub fn grants(&self, workload: &Workload) -> Seen<Vec<Grant<'a>>> {
        let account = workload.account_name();
        let means = |bound: &crate::object::account::Bound| {
            bound.kind != "Group" && bound.means_account(self.namespace, account)
        };
        let wide = self
            .everywhere::<ClusterRoleBinding>()
            .filter(|binding| binding.subjects.iter().any(means))
            .map(|binding| Grant {
                binding: format!("ClusterRoleBinding/{}", binding.metadata.name),
                role: format!("ClusterRole/{}", binding.role_ref.name),
                cluster_wide: true,
                rules: self.cluster_role_rules(&binding.role_ref.name),
            });
        let narrow = self
            .everywhere::<RoleBinding>()
            .filter(|binding| binding.subjects.iter().any(means))
            .map(|binding| Grant {
                binding: format!("RoleBinding/{}", binding.metadata.name),
                role: format!("{}/{}", binding.role_ref.kind, binding.role_ref.name),
                cluster_wide: false,
                rules: self.rules_of(binding),
            });
        let found: Vec<_> = wide.chain(narrow).collect();
        match self.found(Kind::RoleBinding, found) {
            Seen::Known(found) => self.found(Kind::ClusterRoleBinding, found),
            not_seen @ Seen::NotSeen(_) => not_seen,
        }
    }

    /// The rules of the role that a binding names.
    pub fn rules_of(&self, binding: &RoleBinding) -> Vec<&'a Rule> {
        let name = binding.role_ref.name.as_str();
        if binding.role_ref.kind == "ClusterRole" {
            return self.cluster_role_rules(name);
        }
        let cluster: &'a super::Cluster = self.cluster;
        let objects = cluster.namespaces.get(binding.metadata.namespace.as_str());
        let role = objects.and_then(|objects| objects.others.get(&Kind::Role)?.get(name));
        let role = role.and_then(|object| Role::of(object));
        role.map(|role| role.rules.iter().collect())
            .unwrap_or_default()
    }

    /// The rules of a ClusterRole: its own, and those of the roles it is made of.
    pub fn cluster_role_rules(&self, name: &str) -> Vec<&'a Rule> {
        let mut seen = BTreeSet::new();
        let mut rules = Vec::new();
        self.collect_rules(name, &mut seen, &mut rules);
        rules
    }

    fn collect_rules(&self, name: &str, seen: &mut BTreeSet<&'a str>, rules: &mut Vec<&'a Rule>) {
        let Some(role) = self.at::<ClusterRole>("", name).known().flatten() else {
            return;
        };
        if !seen.insert(role.metadata.name.as_str()) {
            return;
        }
        rules.extend(&role.rules);
        let selectors = role.aggregation_rule.iter();
        let selectors: Vec<_> = selectors
            .flat_map(|rule| &rule.cluster_role_selectors)
            .collect();
        if selectors.is_empty() {
            return;
        }
        for part in self.everywhere::<ClusterRole>() {
            if selectors
                .iter()
                .any(|selector| selector.matches(&part.metadata.labels))
            {
                self.collect_rules(&part.metadata.name, seen, rules);
            }
        }
    }
}
