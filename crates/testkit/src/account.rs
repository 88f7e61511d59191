//! Kubeconfigs of service accounts.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::PostParams;
use kube::config::{Kubeconfig, KubeconfigError};
use kube::{Api, Client};
use serde_json::json;

use crate::error::Error;

const A_DAY: i64 = 24 * 60 * 60;

/// Asks the API server for a token of a service account.
pub(crate) async fn token(client: Client, namespace: &str, name: &str) -> Result<String, Error> {
    let request = TokenRequest {
        spec: Some(TokenRequestSpec {
            expiration_seconds: Some(A_DAY),
            ..TokenRequestSpec::default()
        }),
        ..TokenRequest::default()
    };
    let api: Api<ServiceAccount> = Api::namespaced(client, namespace);
    let answer = api
        .create_token_request(name, &PostParams::default(), &request)
        .await
        .map_err(|source| Error::Api {
            doing: format!("asking for a token of service account {namespace}/{name}"),
            source: Box::new(source),
        })?;
    Ok(answer
        .status
        .and_then(|status| status.token)
        .unwrap_or_default())
}

/// Writes a kubeconfig for the cluster that another one reaches, with a token.
pub(crate) fn write_kubeconfig(
    like: &Path,
    path: &Path,
    namespace: &str,
    token: &str,
) -> Result<(), Error> {
    let cluster = current_cluster(like)?;
    let content = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "cluster", "cluster": cluster}],
        "users": [{"name": "account", "user": {"token": token}}],
        "contexts": [{
            "name": "account",
            "context": {"cluster": "cluster", "user": "account", "namespace": namespace},
        }],
        "current-context": "account",
    });
    write_private(path, &content.to_string())
}

fn current_cluster(path: &Path) -> Result<serde_json::Value, Error> {
    let unusable = |source| Error::Kubeconfig {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let kubeconfig = Kubeconfig::read_from(path).map_err(unusable)?;
    let context = kubeconfig
        .current_context
        .ok_or_else(|| unusable(KubeconfigError::CurrentContextNotSet))?;
    let cluster = kubeconfig
        .contexts
        .iter()
        .find(|each| each.name == context)
        .and_then(|found| found.context.as_ref())
        .and_then(|context| {
            kubeconfig
                .clusters
                .iter()
                .find(|each| each.name == context.cluster)
        })
        .and_then(|found| found.cluster.as_ref());
    let json = cluster.and_then(|cluster| serde_json::to_value(cluster).ok());
    json.ok_or_else(|| unusable(KubeconfigError::LoadContext(context)))
}

fn write_private(path: &Path, content: &str) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(content.as_bytes()));
    written.map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
