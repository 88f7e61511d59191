//! Maintainability: names, labels, and where things live.

use crate::check::Check;

mod config_in_image;
mod container_port_names;
mod containers_per_pod;
mod cost_labels;
mod declarative_delivery;
mod default_namespace;
mod duplicate_workload;
mod end_of_life_component;
mod environment_config;
mod environment_policy;
mod forbidden_annotations;
mod image_age;
mod label_values;
mod multi_concern_pod;
mod owner_label;
mod recommended_labels;
mod required_annotations;
mod required_labels;
mod unused_config;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[
    &config_in_image::CHECK,
    &container_port_names::CHECK,
    &containers_per_pod::CHECK,
    &cost_labels::CHECK,
    &declarative_delivery::CHECK,
    &default_namespace::CHECK,
    &duplicate_workload::CHECK,
    &end_of_life_component::CHECK,
    &environment_config::CHECK,
    &environment_policy::CHECK,
    &forbidden_annotations::CHECK,
    &image_age::CHECK,
    &label_values::CHECK,
    &multi_concern_pod::CHECK,
    &owner_label::CHECK,
    &recommended_labels::CHECK,
    &required_annotations::CHECK,
    &required_labels::CHECK,
    &unused_config::CHECK,
];
