//! Which ConfigMaps reach a workload.

use std::collections::BTreeSet;

use super::{Seen, Surroundings};
use crate::object::{PodSpec, Workload, namespaced::ConfigMap};

impl<'a> Surroundings<'a> {
    /// A ConfigMap by name.
    pub fn config_map(&self, name: &str) -> Seen<Option<&'a ConfigMap>> {
        self.named(name)
    }

    /// The ConfigMaps that a workload names and that were found, by name.
    pub fn config_maps(&self, workload: &Workload) -> Vec<&'a ConfigMap> {
        let names = config_map_names(workload.pod());
        names
            .into_iter()
            .filter_map(|name| self.config_map(name).known().flatten())
            .collect()
    }
}

/// The ConfigMaps that a pod names in volumes, `envFrom` and `env`.
fn config_map_names(pod: &PodSpec) -> BTreeSet<&str> {
    let in_volumes = pod.volumes.iter().flat_map(|volume| {
        let projected = volume
            .projected
            .iter()
            .flat_map(|projected| &projected.sources);
        volume
            .config_map
            .iter()
            .chain(projected.filter_map(|source| source.config_map.as_ref()))
    });
    let containers = || pod.init_containers.iter().chain(&pod.containers);
    let in_env_from = containers()
        .flat_map(|container| &container.env_from)
        .filter_map(|from| from.config_map_ref.as_ref());
    let in_env = containers()
        .flat_map(|container| &container.env)
        .filter_map(|variable| variable.value_from.as_ref()?.config_map_key_ref.as_ref());
    in_volumes
        .chain(in_env_from)
        .map(|source| source.name.as_str())
        .chain(in_env.map(|reference| reference.name.as_str()))
        .collect()
}
