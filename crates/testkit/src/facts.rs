//! What a control plane tells about itself when it is ready.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// The content of the line `ready {…}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    /// Directory of data and logs; removed at the end.
    pub(crate) dir: PathBuf,
    /// Kubeconfig of an administrator.
    pub(crate) kubeconfig: PathBuf,
    /// Address of pods on the host's network.
    pub(crate) node_address: IpAddr,
    /// Something that will not work on this machine.
    pub(crate) warning: Option<String>,
    /// Process numbers by component, as of the start.
    pub(crate) pids: BTreeMap<String, u32>,
}
