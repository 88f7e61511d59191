//! Volumes and where containers mount them.

use serde::{Deserialize, Serialize};

use super::{lenient::null_is_default, quantity::Quantity};

/// One entry of a pod's `volumes`. Sources that no check looks into are not read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Volume {
    /// The name that mounts use.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// A directory or file of the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_path: Option<HostPath>,
    /// Space that lives as long as the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_dir: Option<EmptyDir>,
    /// A ConfigMap's keys as files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map: Option<NamedSource>,
    /// Several sources in one directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projected: Option<Projected>,
    /// A PersistentVolumeClaim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<Claim>,
    /// A Secret's keys as files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretSource>,
    /// What a driver makes for the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csi: Option<Csi>,
    /// A claim that lives as long as the pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_elastic_block_store: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure_disk: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azure_file: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cephfs: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cinder: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fc: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flex_volume: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flocker: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gce_persistent_disk: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_repo: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glusterfs: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iscsi: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nfs: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photon_persistent_disk: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portworx_volume: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quobyte: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rbd: Option<Present>,
    /// A source of this kind.
    #[serde(rename = "scaleIO", skip_serializing_if = "Option::is_none")]
    pub scale_io: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storageos: Option<Present>,
    /// A source of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vsphere_volume: Option<Present>,
}

impl Volume {
    /// Whether the API server put it into a Pod by itself, to bring the account's token.
    pub fn is_injected(&self) -> bool {
        let sources = self.projected.iter().flat_map(|all| &all.sources);
        let brings_token = sources
            .into_iter()
            .any(|source| source.service_account_token.is_some());
        brings_token && self.name.starts_with("kube-api-access-")
    }

    /// The kind of its source, where that is one of those that reach past the pod's own namespace or that
    /// Kubernetes has left behind: none of the restricted set of the Pod Security Standards.
    pub fn foreign_source(&self) -> Option<&'static str> {
        let sources = [
            ("hostPath", self.host_path.is_some()),
            (
                "awsElasticBlockStore",
                self.aws_elastic_block_store.is_some(),
            ),
            ("azureDisk", self.azure_disk.is_some()),
            ("azureFile", self.azure_file.is_some()),
            ("cephfs", self.cephfs.is_some()),
            ("cinder", self.cinder.is_some()),
            ("fc", self.fc.is_some()),
            ("flexVolume", self.flex_volume.is_some()),
            ("flocker", self.flocker.is_some()),
            ("gcePersistentDisk", self.gce_persistent_disk.is_some()),
            ("gitRepo", self.git_repo.is_some()),
            ("glusterfs", self.glusterfs.is_some()),
            ("iscsi", self.iscsi.is_some()),
            ("nfs", self.nfs.is_some()),
            (
                "photonPersistentDisk",
                self.photon_persistent_disk.is_some(),
            ),
            ("portworxVolume", self.portworx_volume.is_some()),
            ("quobyte", self.quobyte.is_some()),
            ("rbd", self.rbd.is_some()),
            ("scaleIO", self.scale_io.is_some()),
            ("storageos", self.storageos.is_some()),
            ("vsphereVolume", self.vsphere_volume.is_some()),
        ];
        let found = sources.into_iter().find(|(_, present)| *present);
        found.map(|(name, _)| name)
    }
}

/// That something is there, whatever it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Present {}

/// A Secret's keys as files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretSource {
    /// The Secret's name.
    #[serde(deserialize_with = "null_is_default")]
    pub secret_name: String,
    /// Whether the pod starts without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// What a driver makes for the pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Csi {
    /// The driver.
    pub driver: String,
}

/// A directory or file of the node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostPath {
    /// The path on the node.
    pub path: String,
}

/// Space that lives as long as the pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmptyDir {
    /// `Memory` for a tmpfs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    /// How much it may hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_limit: Option<Quantity>,
}

/// A reference by name within the namespace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedSource {
    /// The object's name.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// Whether the pod starts without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// Several sources in one directory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Projected {
    /// The sources.
    #[serde(deserialize_with = "null_is_default")]
    pub sources: Vec<ProjectedSource>,
}

/// One source of a projected volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectedSource {
    /// A ConfigMap's keys as files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map: Option<NamedSource>,
    /// A Secret's keys as files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<NamedSource>,
    /// A token of the pod's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_token: Option<Present>,
}

/// A PersistentVolumeClaim in use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Claim {
    /// The claim's name.
    pub claim_name: String,
}

/// One entry of a container's `volumeMounts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeMount {
    /// The volume's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where in the container.
    pub mount_path: String,
    /// Whether writing is refused; false where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// A part of the volume instead of its root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_path: Option<String>,
}
