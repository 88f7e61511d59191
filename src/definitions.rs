//! The CustomResourceDefinitions with the ids and parameters of the catalogue.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use prodready_engine::{checks, crds::crds};

/// Every definition, as this prodready knows it.
pub fn definitions() -> Vec<CustomResourceDefinition> {
    let ids: Vec<&str> = checks::all().map(|check| check.id).collect();
    let parameters: Vec<(&str, Vec<&str>)> = checks::all()
        .filter(|check| !check.parameters.is_empty())
        .map(|check| {
            (
                check.id,
                check
                    .parameters
                    .iter()
                    .map(|parameter| parameter.name)
                    .collect(),
            )
        })
        .collect();
    let parameters: Vec<(&str, &[&str])> = parameters
        .iter()
        .map(|(id, names)| (*id, names.as_slice()))
        .collect();
    crds(&ids, &parameters)
}
