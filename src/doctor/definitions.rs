//! The CustomResourceDefinitions: whether they are there and know all that this prodready writes.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Api, Client, ResourceExt as _};
use prodready_engine::api::VERSION;
use serde_json::Value;

use super::{Diagnosis, Looked, find};
use crate::definitions::definitions;

const SUBJECT: &str = "CustomResourceDefinitions";

const REMEDY: &str = "install them: helm upgrade with crds.install=true, or: prodready crd | kubectl apply --server-side -f -";

/// How many fields a message spells out.
const NAMED: usize = 5;

pub(super) async fn examine(client: &Client) -> Vec<Diagnosis> {
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let ours = definitions();
    let count = ours.len();
    let mut found = Vec::new();
    for wanted in ours {
        let name = wanted.name_any();
        match find(api.clone(), &name).await {
            Looked::Found(there) => found.extend(compare(&name, &wanted, &there)),
            Looked::Absent => found.push(Diagnosis::wrong(
                SUBJECT,
                "DefinitionMissing",
                format!("{name} is not installed"),
                REMEDY,
            )),
            Looked::NotSeen(why) => found.push(Diagnosis::unknown(SUBJECT, why)),
        }
    }
    if found.is_empty() {
        let told = format!("all {count} are installed as this prodready knows them");
        found.push(Diagnosis::good(SUBJECT, told));
    }
    found
}

fn compare(
    name: &str,
    wanted: &CustomResourceDefinition,
    there: &CustomResourceDefinition,
) -> Option<Diagnosis> {
    let Some(schema) = schema(there) else {
        let told = format!("{name} does not serve version {VERSION}");
        return Some(Diagnosis::wrong(SUBJECT, "DefinitionOlder", told, REMEDY));
    };
    let mut missing = Vec::new();
    absent(&self::schema(wanted)?, &schema, "", &mut missing);
    if missing.is_empty() {
        return None;
    }
    let more = missing.len().saturating_sub(NAMED);
    missing.truncate(NAMED);
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    let told = format!(
        "{name} is of an older prodready: it does not know {}{more}, which the API server therefore drops",
        missing.join(", ")
    );
    Some(Diagnosis::wrong(SUBJECT, "DefinitionOlder", told, REMEDY))
}

fn schema(definition: &CustomResourceDefinition) -> Option<Value> {
    let mut versions = definition.spec.versions.iter();
    let version = versions.find(|version| version.name == VERSION && version.served)?;
    let schema = version.schema.as_ref()?.open_api_v3_schema.as_ref()?;
    serde_json::to_value(schema).ok()
}

/// The fields of one schema that the other does not have, the outermost of each.
fn absent(wanted: &Value, there: &Value, path: &str, missing: &mut Vec<String>) {
    let properties = wanted["properties"].as_object().into_iter().flatten();
    for (name, wanted) in properties {
        let path = format!("{path}.{name}");
        match there["properties"].get(name) {
            Some(there) => absent(wanted, there, &path, missing),
            None => missing.push(path),
        }
    }
    if wanted["items"].is_object() {
        absent(
            &wanted["items"],
            &there["items"],
            &format!("{path}[]"),
            missing,
        );
    }
}
