//! Support for tests against a real Kubernetes control plane.
//!
//! A test binary has one control plane ([`shared`]), a test has one namespace in it
//! ([`in_namespace`]), and a state is waited for with a limit ([`wait`]):
//!
//! ```no_run
//! use std::time::Duration;
//! use kube::Api;
//! use k8s_openapi::api::apps::v1::Deployment;
//! use prodready_testkit::{in_namespace, kubectl, shared, wait};
//!
//! #[tokio::test]
//! async fn a_deployment_becomes_available() {
//!     in_namespace(shared(), "available", async |client, namespace| {
//!         let made = kubectl(shared(), &["create", "deploy", "web", "--image=web:1", "-n", &namespace]).await;
//!         made.expect_success();
//!         let api: Api<Deployment> = Api::namespaced(client, &namespace);
//!         wait("web is available", Duration::from_secs(30), async || {
//!             let found = api.get("web").await.map_err(|err| err.to_string())?;
//!             let available = found.status.as_ref().and_then(|status| status.available_replicas);
//!             available.ok_or_else(|| format!("{:?}", found.status))
//!         })
//!         .await;
//!     })
//!     .await;
//! }
//! ```
//!
//! The control plane's programs are built once by `make controlplane`. Environment:
//!
//! | variable | meaning |
//! |---|---|
//! | `PRODREADY_TEST_KUBECONFIG` | use this cluster; what stops or restarts an API server is then refused |
//! | `PRODREADY_CONTROLPLANE_DIR` | where `make controlplane` builds (default `target/controlplane`) |
//! | `KUBEBUILDER_ASSETS` | directory with another etcd and kube-apiserver to use |
//! | `PRODREADY_KEEP` | `1` keeps the namespaces of tests |
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a failing test support call must end the test and say why"
)]

mod account;
mod control_plane;
mod error;
mod facts;
mod namespace;
mod picture;
mod port;
mod shared;
mod supervisor;
mod tools;
mod wait;

pub use control_plane::ControlPlane;
pub use error::Error;
pub use namespace::{Outcome, in_namespace};
pub use port::free_port;
pub use shared::shared;
pub use supervisor::program;
pub use tools::{Ran, helm, kubectl, kubectl_with_input};
pub use wait::{Progress, wait};
