//! `prodready doctor`: what is wrong with prodready in a cluster, each cause told apart, with what to do.
//!
//! It looks with the rights of whoever runs it, and where these do not suffice says so.

mod account;
mod cloud;
mod configuration;
mod definitions;
mod leader;
mod policies;
mod protected;
mod reach;
mod service;

use k8s_openapi::api::{
    admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
    apps::v1::Deployment,
    coordination::v1::Lease,
};
use kube::{Api, Client, api::ListParams, core::Status};
use serde::Serialize;

use crate::{
    operator::{DEFAULTS_REGISTERED, REGISTERED, Settings},
    webhook::probe,
};

/// What a look came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// What was looked at.
    pub subject: &'static str,
    /// Whether it is as it should be.
    pub state: State,
    /// The cause in one word, for programs.
    pub reason: &'static str,
    /// What was found, for people.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// Whether something is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum State {
    /// It is.
    Good,
    /// It is, and there is something to know about it.
    Remark,
    /// It is not.
    Wrong,
    /// It could not be found out.
    Unknown,
}

impl Diagnosis {
    fn good(subject: &'static str, message: impl Into<String>) -> Self {
        Self {
            subject,
            state: State::Good,
            reason: "Good",
            message: message.into(),
            remedy: None,
        }
    }

    fn remark(subject: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            subject,
            state: State::Remark,
            reason,
            message: message.into(),
            remedy: None,
        }
    }

    fn wrong(
        subject: &'static str,
        reason: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            subject,
            state: State::Wrong,
            reason,
            message: message.into(),
            remedy: Some(remedy.into()),
        }
    }

    fn unknown(subject: &'static str, message: impl Into<String>) -> Self {
        Self {
            subject,
            state: State::Unknown,
            reason: "Unknown",
            message: message.into(),
            remedy: None,
        }
    }
}

impl Diagnosis {
    /// No operator is installed.
    pub fn no_operator(namespace: Option<&str>) -> Self {
        let place = namespace.map_or_else(String::new, |name| format!(" in namespace {name}"));
        let told = format!("there is no Deployment of the operator{place}");
        Self::wrong(
            "Operator",
            "NotInstalled",
            told,
            "install the chart, or name its namespace with -n",
        )
    }

    /// Whether an operator is installed cannot be seen.
    pub fn operator_not_seen(err: &kube::Error) -> Self {
        Self::unknown("Operator", why(err))
    }

    /// The operator is told what this prodready does not understand.
    pub fn other_version(problem: &str) -> Self {
        let told = format!(
            "it is of another version than this prodready, which looks for the usual names: {problem}"
        );
        Self::unknown("Operator", told)
    }
}

/// The operator's Deployment, by the labels that the chart gives it.
const OPERATOR: &str = "app.kubernetes.io/part-of=prodready,app.kubernetes.io/component=operator";

/// What a cluster runs.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The operator's namespace.
    pub namespace: String,
    /// The arguments of its container.
    pub arguments: Vec<String>,
    /// Its account.
    pub account: String,
}

/// Finds the operator: in a namespace, or anywhere.
pub async fn installed(
    client: &Client,
    namespace: Option<&str>,
) -> Result<Option<Installed>, kube::Error> {
    let api: Api<Deployment> = match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    };
    let listed = api.list(&ListParams::default().labels(OPERATOR)).await?;
    let Some(deployment) = listed.items.into_iter().next() else {
        return Ok(None);
    };
    let namespace = deployment.metadata.namespace.unwrap_or_default();
    let pod = deployment.spec.template.spec.unwrap_or_default();
    let container = pod.containers.into_iter().next();
    let arguments = container.and_then(|container| container.args);
    let put_in = |argument: String| argument.replace("$(POD_NAMESPACE)", &namespace);
    Ok(Some(Installed {
        arguments: arguments
            .unwrap_or_default()
            .into_iter()
            .map(put_in)
            .collect(),
        account: pod
            .service_account_name
            .unwrap_or_else(|| "default".to_owned()),
        namespace,
    }))
}

/// Looks at everything. `account` is the operator's, where it is known.
pub async fn examine(
    client: &Client,
    settings: &Settings,
    account: Option<&str>,
) -> Vec<Diagnosis> {
    let lease = leader::Before::look(client, settings).await;
    let configuration = find::<ValidatingWebhookConfiguration>(
        Api::all(client.clone()),
        &settings.webhook_configuration,
    )
    .await;
    let policies = policies::listed(client).await;
    let mut found = definitions::examine(client).await;
    found.extend(service::examine(client, settings).await);
    found.push(configuration::examine(
        &configuration,
        lease.noted(REGISTERED),
        settings,
        policies.as_deref().unwrap_or_default(),
    ));
    let for_defaults = find::<MutatingWebhookConfiguration>(
        Api::all(client.clone()),
        &settings.webhook_configuration,
    )
    .await;
    found.extend(configuration::examine_defaults(
        &for_defaults,
        lease.noted(DEFAULTS_REGISTERED),
        settings,
        policies.as_deref().unwrap_or_default(),
    ));
    let probed = probe::probe(client, &settings.namespace).await;
    found.push(reach::examine(&probed, &configuration));
    found.push(account::examine(client, settings, account).await);
    found.extend(policies::examine(&policies));
    found.push(protected::examine(client, settings).await);
    found.push(lease.again(client, settings).await);
    found
}

/// An object, or that there is none, or why that is not known.
enum Looked<K> {
    Found(Box<K>),
    Absent,
    NotSeen(String),
}

async fn find<K>(api: Api<K>, name: &str) -> Looked<K>
where
    K: Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    match api.get_opt(name).await {
        Ok(Some(found)) => Looked::Found(Box::new(found)),
        Ok(None) => Looked::Absent,
        Err(err) => Looked::NotSeen(why(&err)),
    }
}

fn why(err: &kube::Error) -> String {
    match err {
        kube::Error::Api(status) => {
            let Status { message, .. } = status.as_ref();
            message.clone()
        }
        other => other.to_string(),
    }
}

fn leases(client: &Client, settings: &Settings) -> Api<Lease> {
    Api::namespaced(client.clone(), &settings.namespace)
}
