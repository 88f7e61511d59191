//! Every right that the operator needs: the one list from which it looks for missing ones, `prodready doctor` asks,
//! and a test holds the chart's roles.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SubjectAccessReview,
    SubjectAccessReviewSpec, SubjectAccessReviewStatus,
};
use kube::{Api, Client, api::PostParams};
use prodready_engine::{
    api::{GROUP, vocabulary::WorkloadKind},
    object::{Kind, resource::Origin},
};

/// How many rights are asked about at the same time.
const AT_ONCE: usize = 8;

/// The objects that the operator writes by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The operator's namespace.
    pub namespace: String,
    /// Both webhook configurations.
    pub configuration: String,
    /// The Secret with the certificate.
    pub secret: String,
    /// The Lease of the leader.
    pub lease: String,
    /// The ClusterRole that the operator's objects go with.
    pub owner: Option<String>,
}

/// One verb on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// The verb.
    pub verb: &'static str,
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The resource, with a subresource behind a slash.
    pub resource: &'static str,
    /// The one object; all where it is absent.
    pub name: Option<String>,
    /// The one namespace; all where it is absent.
    pub namespace: Option<String>,
    /// What does not work without it.
    pub purpose: Purpose,
}

/// What a right is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Workloads and what stands around them.
    Judging,
    /// Policies, and what statuses say of them and of exceptions.
    Policies,
    /// What is paid of baselines.
    Baselines,
    /// Reports.
    Reports,
    /// Events.
    Events,
    /// The gate's configuration, certificate and protected namespaces.
    Gate,
    /// Which replica writes.
    Leading,
}

impl Purpose {
    /// What does not work without such a right.
    pub fn without(self) -> &'static str {
        match self {
            Self::Judging => "nothing is judged and the gate does not become ready",
            Self::Policies => {
                "policies are not followed, or policies and exceptions do not tell how they fare"
            }
            Self::Baselines => "what is mended stays in baselines, and may come back",
            Self::Reports => "reports are not kept current",
            Self::Events => "nothing is told by Events",
            Self::Gate => "the gate is not kept up",
            Self::Leading => "no replica writes anything",
        }
    }
}

/// Every right that the operator needs; `lists_secrets` says whether it is to know the names of Secrets.
pub fn needed(names: &Names, lists_secrets: bool) -> Vec<Right> {
    [
        judging(lists_secrets),
        of_own_kinds(),
        of_the_gate(names),
        of_leading(names),
    ]
    .concat()
}

fn judging(lists_secrets: bool) -> Vec<Right> {
    let workloads = WorkloadKind::ALL.into_iter().map(|kind| {
        let group = kind.api_version().split_once('/');
        (group.map_or("", |(group, _)| group), kind.plural())
    });
    let surroundings = Kind::ALL
        .iter()
        .filter(|info| lists_secrets || info.origin != Origin::Guarded)
        .map(|info| (info.group, info.plural));
    let definitions = ("apiextensions.k8s.io", "customresourcedefinitions");
    let watched = workloads.chain(surroundings).chain([definitions]);
    watched
        .flat_map(|(group, plural)| Purpose::Judging.all(&["list", "watch"], group, plural))
        .collect()
}

fn of_own_kinds() -> Vec<Right> {
    let (policies, reports) = (Purpose::Policies, Purpose::Reports);
    let written = ["create", "delete", "list", "patch", "watch"];
    [
        policies.all(&["list", "watch"], GROUP, "productionreadinesspolicies"),
        policies.all(&["patch"], GROUP, "productionreadinesspolicies/status"),
        policies.all(&["patch"], GROUP, "readinessexceptions/status"),
        Purpose::Baselines.all(&["delete", "get", "patch"], GROUP, "readinessexceptions"),
        reports.all(&written, GROUP, "readinessreports"),
        reports.all(&["patch"], GROUP, "readinessreports/status"),
        Purpose::Events.all(&["create", "patch"], "events.k8s.io", "events"),
    ]
    .concat()
}

fn of_the_gate(names: &Names) -> Vec<Right> {
    let gate = Purpose::Gate;
    let admission = "admissionregistration.k8s.io";
    let validating = "validatingwebhookconfigurations";
    let mutating = "mutatingwebhookconfigurations";
    let configuration = Some(names.configuration.as_str());
    let (own, secret) = (Some(names.namespace.as_str()), Some(names.secret.as_str()));
    let owner = names.owner.iter().flat_map(|owner| {
        let group = "rbac.authorization.k8s.io";
        gate.some(&["get"], group, "clusterroles", Some(owner), None)
    });
    [
        gate.all(&["create", "list"], admission, validating),
        gate.some(
            &["get", "patch"],
            admission,
            validating,
            configuration,
            None,
        ),
        gate.all(&["create", "list"], admission, mutating),
        gate.some(
            &["delete", "get", "patch"],
            admission,
            mutating,
            configuration,
            None,
        ),
        gate.all(&["list"], "apiregistration.k8s.io", "apiservices"),
        gate.some(&["create"], "", "secrets", None, own),
        gate.some(
            &["get", "list", "update", "watch"],
            "",
            "secrets",
            secret,
            own,
        ),
        owner.collect(),
    ]
    .concat()
}

fn of_leading(names: &Names) -> Vec<Right> {
    let (leading, group) = (Purpose::Leading, "coordination.k8s.io");
    let (own, lease) = (Some(names.namespace.as_str()), Some(names.lease.as_str()));
    [
        leading.some(&["create"], group, "leases", None, own),
        leading.some(&["get", "patch", "update"], group, "leases", lease, own),
    ]
    .concat()
}

impl Purpose {
    /// Verbs on every object of a resource.
    fn all(
        self,
        verbs: &[&'static str],
        group: &'static str,
        resource: &'static str,
    ) -> Vec<Right> {
        self.some(verbs, group, resource, None, None)
    }

    /// Verbs on one object, or on those of one namespace.
    fn some(
        self,
        verbs: &[&'static str],
        group: &'static str,
        resource: &'static str,
        name: Option<&str>,
        namespace: Option<&str>,
    ) -> Vec<Right> {
        let right = |verb: &&'static str| Right {
            verb,
            group,
            resource,
            name: name.map(str::to_owned),
            namespace: namespace.map(str::to_owned),
            purpose: self,
        };
        verbs.iter().map(right).collect()
    }
}

/// Whose rights are asked about.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// Whoever asks.
    Oneself,
    /// A ServiceAccount, of which only who may create SubjectAccessReviews can ask.
    Account {
        /// Its namespace.
        namespace: &'a str,
        /// Its name.
        name: &'a str,
    },
}

/// Those of the rights that are missing.
pub async fn missing(
    client: &Client,
    who: Who<'_>,
    rights: &[Right],
) -> Result<Vec<Right>, kube::Error> {
    let questions: Vec<_> = rights.iter().map(|right| may(client, who, right)).collect();
    let answers: Vec<bool> = stream::iter(questions)
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let refused = rights.iter().zip(answers).filter(|(_, may)| !may);
    Ok(refused.map(|(right, _)| right.clone()).collect())
}

async fn may(client: &Client, who: Who<'_>, right: &Right) -> Result<bool, kube::Error> {
    let attributes = Some(right.attributes());
    let status = match who {
        Who::Oneself => {
            let review = SelfSubjectAccessReview {
                spec: SelfSubjectAccessReviewSpec {
                    resource_attributes: attributes,
                    non_resource_attributes: None,
                },
                ..SelfSubjectAccessReview::default()
            };
            let api: Api<SelfSubjectAccessReview> = Api::all(client.clone());
            api.create(&PostParams::default(), &review).await?.status
        }
        Who::Account { namespace, name } => {
            let review = SubjectAccessReview {
                spec: SubjectAccessReviewSpec {
                    user: Some(format!("system:serviceaccount:{namespace}:{name}")),
                    groups: Some(vec![
                        "system:serviceaccounts".to_owned(),
                        format!("system:serviceaccounts:{namespace}"),
                        "system:authenticated".to_owned(),
                    ]),
                    resource_attributes: attributes,
                    ..SubjectAccessReviewSpec::default()
                },
                ..SubjectAccessReview::default()
            };
            let api: Api<SubjectAccessReview> = Api::all(client.clone());
            api.create(&PostParams::default(), &review).await?.status
        }
    };
    Ok(status.is_some_and(|SubjectAccessReviewStatus { allowed, .. }| allowed))
}

impl Right {
    fn attributes(&self) -> ResourceAttributes {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, subresource)) => (resource, Some(subresource.to_owned())),
            None => (self.resource, None),
        };
        ResourceAttributes {
            verb: Some(self.verb.to_owned()),
            group: Some(self.group.to_owned()),
            resource: Some(resource.to_owned()),
            subresource,
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            ..ResourceAttributes::default()
        }
    }
}

impl std::fmt::Display for Right {
    /// As `kubectl auth can-i` has it: `patch readinessreports.prodready.dev/status`.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, subresource)) => (resource, format!("/{subresource}")),
            None => (self.resource, String::new()),
        };
        let group = if self.group.is_empty() {
            String::new()
        } else {
            format!(".{}", self.group)
        };
        write!(out, "{} {resource}{group}{subresource}", self.verb)?;
        if let Some(name) = &self.name {
            write!(out, " {name}")?;
        }
        Ok(())
    }
}
