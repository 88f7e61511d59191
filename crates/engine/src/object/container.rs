//! Containers, and what is in force for each after the pod's settings and the API server's defaults.

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{
    image::ImageReference,
    lenient::null_is_default,
    pod::PodSpec,
    pointer::Pointer,
    port::ContainerPort,
    probe::{Lifecycle, Probe},
    quantity::Quantity,
    security::{Capabilities, ContainerSecurity, PodSecurity, SeccompProfile},
    volume::{NamedSource, VolumeMount},
};

/// The parts of `Container` that judging needs. What most containers lack or is large is kept apart, so that one without
/// it takes a fifth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerSpec {
    /// The container's name, unique within its pod.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub name: String,
    /// The image reference.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub image: String,
    /// When the image is pulled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<String>,
    /// The entrypoint; the image's where nothing is said.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub command: Vec<String>,
    /// The entrypoint's arguments.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub args: Vec<String>,
    /// Ports that are written down; others may be open all the same.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub ports: Vec<ContainerPort>,
    /// Environment variables.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub env: Vec<EnvVar>,
    /// Whole ConfigMaps and Secrets as environment variables.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub env_from: Vec<EnvFrom>,
    /// Requests and limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// Restarts the container when it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness_probe: Option<Box<Probe>>,
    /// Takes the pod out of its Services while it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_probe: Option<Box<Probe>>,
    /// Holds the other probes back until it succeeds once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_probe: Option<Box<Probe>>,
    /// What runs after the start and before the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Box<Lifecycle>>,
    /// The container's rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_context: Option<Box<ContainerSecurity>>,
    /// `Always` makes an init container a native sidecar (KEP-753).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<String>,
    /// Where the reason of an end comes from: `File` where nothing is said, or `FallbackToLogsOnError`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_message_policy: Option<String>,
    /// Keeps standard input open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<bool>,
    /// Gives the process a terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<bool>,
    /// Where volumes are seen.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "null_is_default"
    )]
    pub volume_mounts: Vec<VolumeMount>,
}

/// One environment variable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvVar {
    /// The variable's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The literal value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where else the value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<Box<EnvSource>>,
}

/// Where the value of an environment variable comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvSource {
    /// A key of a Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeyReference>,
    /// A key of a ConfigMap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeyReference>,
}

/// A key of a ConfigMap or Secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyReference {
    /// The object's name.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// The key within it.
    pub key: String,
    /// Whether the container starts without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// A whole ConfigMap or Secret as environment variables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvFrom {
    /// Put before every key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// A ConfigMap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<NamedSource>,
    /// A Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<NamedSource>,
}

/// Amounts by resource name.
pub type Amounts = LiteMap<String, Quantity>;

/// Requests and limits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// What the scheduler sets aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<Amounts>,
    /// What is not to be exceeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Amounts>,
}

impl Resources {
    /// The request as the API server completes it: a limit without a request is the request too.
    /// Zero counts as none.
    pub fn request(&self, resource: &str) -> Option<&Quantity> {
        non_zero(self.requests.as_ref(), resource).or_else(|| match self.requests.as_ref() {
            Some(requests) if requests.contains_key(resource) => None,
            _ => self.limit(resource),
        })
    }

    /// The limit. Zero counts as none.
    pub fn limit(&self, resource: &str) -> Option<&Quantity> {
        non_zero(self.limits.as_ref(), resource)
    }
}

fn non_zero<'a>(amounts: Option<&'a Amounts>, resource: &str) -> Option<&'a Quantity> {
    amounts?.get(resource).filter(|amount| !amount.is_zero())
}

/// What part a container plays in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerClass {
    /// Runs for the pod's life.
    App,
    /// An init container that stays: `restartPolicy: Always`.
    Sidecar,
    /// Runs to its end before the others start.
    Init,
    /// Added to a running pod by `kubectl debug`. It may have neither probes nor resources.
    Ephemeral,
}

/// A container in its pod: what is written for it, and what is in force.
#[derive(Clone, Copy, Debug)]
pub struct Container<'a> {
    /// What is written for it.
    pub spec: &'a ContainerSpec,
    /// Its part in the pod.
    pub class: ContainerClass,
    /// The pod around it.
    pub pod: &'a PodSpec,
    /// Where the pod stands in its object.
    pod_at: &'a str,
    index: usize,
}

impl<'a> Container<'a> {
    /// All containers of a pod that stands at `pod_at` in its object: init containers and native
    /// sidecars first, in the order in which they start, then the others, then ephemeral ones.
    pub fn all(pod: &'a PodSpec, pod_at: &'a str) -> impl Iterator<Item = Self> {
        let init = pod
            .init_containers
            .iter()
            .enumerate()
            .map(move |(index, spec)| {
                let stays = spec.restart_policy.as_deref() == Some("Always");
                let class = if stays {
                    ContainerClass::Sidecar
                } else {
                    ContainerClass::Init
                };
                Self {
                    spec,
                    class,
                    pod,
                    pod_at,
                    index,
                }
            });
        let of_class = move |specs: &'a [ContainerSpec], class| {
            specs.iter().enumerate().map(move |(index, spec)| Self {
                spec,
                class,
                pod,
                pod_at,
                index,
            })
        };
        init.chain(of_class(&pod.containers, ContainerClass::App))
            .chain(of_class(
                &pod.ephemeral_containers,
                ContainerClass::Ephemeral,
            ))
    }

    /// The container's name.
    pub fn name(&self) -> &'a str {
        &self.spec.name
    }

    /// Where the container stands in its object.
    pub fn root(&self) -> Pointer {
        self.at("")
    }

    /// A place within the container, such as `/securityContext/privileged`.
    pub fn at(&self, suffix: &str) -> Pointer {
        let list = match self.class {
            ContainerClass::App => "containers",
            ContainerClass::Sidecar | ContainerClass::Init => "initContainers",
            ContainerClass::Ephemeral => "ephemeralContainers",
        };
        let index = self.index.to_string();
        Pointer::from([self.pod_at, "/", list, "/", &index, suffix].concat())
    }

    /// A place within the pod around it, such as `/securityContext/runAsNonRoot`.
    pub fn pod_at(&self, suffix: &str) -> Pointer {
        Pointer::new(self.pod_at).join(suffix)
    }

    /// The image reference, taken apart.
    pub fn image(&self) -> ImageReference<'a> {
        ImageReference::parse(&self.spec.image)
    }

    /// Whether it runs for the pod's life: an app container or a native sidecar.
    pub fn runs_for_ever(&self) -> bool {
        matches!(self.class, ContainerClass::App | ContainerClass::Sidecar)
    }

    /// The container's own requests and limits, without those of the pod.
    pub fn resources(&self) -> Option<&'a Resources> {
        self.spec.resources.as_ref()
    }

    fn own(&self) -> Option<&'a ContainerSecurity> {
        self.spec.security_context.as_deref()
    }

    fn pods(&self) -> Option<&'a PodSecurity> {
        self.pod.security_context.as_ref()
    }

    /// Full access to the node.
    pub fn is_privileged(&self) -> bool {
        self.own().and_then(|own| own.privileged) == Some(true)
    }

    /// `allowPrivilegeEscalation` as written; it exists on containers only.
    pub fn allow_privilege_escalation(&self) -> Option<bool> {
        self.own()?.allow_privilege_escalation
    }

    /// `readOnlyRootFilesystem` as written; it exists on containers only.
    pub fn read_only_root_filesystem(&self) -> Option<bool> {
        self.own()?.read_only_root_filesystem
    }

    /// `runAsNonRoot` in force: the container's word over the pod's, an explicit false too.
    pub fn run_as_non_root(&self) -> Option<bool> {
        self.own()
            .and_then(|own| own.run_as_non_root)
            .or_else(|| self.pods()?.run_as_non_root)
    }

    /// `runAsUser` in force.
    pub fn run_as_user(&self) -> Option<i64> {
        self.own()
            .and_then(|own| own.run_as_user)
            .or_else(|| self.pods()?.run_as_user)
    }

    /// The seccomp profile in force.
    pub fn seccomp_profile(&self) -> Option<&'a SeccompProfile> {
        self.own()
            .and_then(|own| own.seccomp_profile.as_ref())
            .or_else(|| self.pods()?.seccomp_profile.as_ref())
    }

    /// The capabilities as written; they exist on containers only.
    pub fn capabilities(&self) -> Option<&'a Capabilities> {
        self.own()?.capabilities.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::{Container, ContainerClass, PodSpec};

    fn pod(yaml: &str) -> PodSpec {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn an_init_container_that_always_restarts_is_a_sidecar() {
        let pod = pod(
            "{initContainers: [{name: mesh, restartPolicy: Always}, {name: wait}], containers: [{name: web}]}",
        );
        let found: Vec<_> = Container::all(&pod, "/spec")
            .map(|container| (container.name(), container.class))
            .collect();
        assert_eq!(
            found,
            [
                ("mesh", ContainerClass::Sidecar),
                ("wait", ContainerClass::Init),
                ("web", ContainerClass::App)
            ]
        );
    }

    #[test]
    fn the_containers_word_wins_over_the_pods() {
        let pod = pod(
            "{securityContext: {runAsNonRoot: true, runAsUser: 1000}, containers: [{name: web, securityContext: {runAsNonRoot: false}}]}",
        );
        let web = Container::all(&pod, "/spec").next().unwrap();
        assert_eq!(
            (web.run_as_non_root(), web.run_as_user()),
            (Some(false), Some(1000))
        );
        assert_eq!(web.at("/image").as_str(), "/spec/containers/0/image");
    }

    #[test]
    fn a_limit_without_a_request_is_the_request_too() {
        let pod = pod("{containers: [{name: web, resources: {limits: {cpu: 1, memory: 0}}}]}");
        let resources = Container::all(&pod, "")
            .next()
            .unwrap()
            .resources()
            .unwrap();
        assert_eq!(
            resources.request("cpu").map(super::Quantity::millis),
            Some(1000)
        );
        assert!(resources.request("memory").is_none());
    }
}
