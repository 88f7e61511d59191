//! The CustomResourceDefinitions: what is derived from the wire types, completed from the catalogue
//! of checks.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
    ValidationRule,
};
use kube_core::CustomResourceExt;
use serde_json::Value;

use crate::api::{
    exception::ReadinessException, policy::ProductionReadinessPolicy, report::ReadinessReport,
    rule::RULE_ID,
};

/// The formats that an API server knows, of those that are derived. Others it warns about.
const KNOWN_FORMATS: [&str; 4] = ["int32", "int64", "double", "date-time"];

/// The definition of every kind, in the order in which they are to be applied.
///
/// `check_ids` are all checks that a policy or an exception may name, at least one; `parameters` are those of them
/// that let a policy set something, each with the names of what it may set.
pub fn crds(check_ids: &[&str], parameters: &[(&str, &[&str])]) -> Vec<CustomResourceDefinition> {
    let mut policy = ProductionReadinessPolicy::crd();
    let mut report = ReadinessReport::crd();
    let mut exception = ReadinessException::crd();
    let all = schemas(&mut policy).chain(schemas(&mut report));
    for schema in all.chain(schemas(&mut exception)) {
        tidy(schema);
        at(schema, &["status"], drop_defaults);
    }
    for schema in schemas(&mut policy) {
        name_checks(schema, check_ids, parameters);
    }
    for schema in schemas(&mut exception) {
        at(schema, &["spec", "checks", "[]"], |id| {
            id.x_kubernetes_validations = Some(vec![check_or_rule(check_ids)]);
        });
    }
    vec![policy, report, exception]
}

fn schemas(crd: &mut CustomResourceDefinition) -> impl Iterator<Item = &mut JSONSchemaProps> {
    let versions = crd.spec.versions.iter_mut();
    versions.filter_map(|version| version.schema.as_mut()?.open_api_v3_schema.as_mut())
}

/// Takes away what Rust's types bring along and Kubernetes' API has no use for: an absent field is
/// absent, never null.
fn tidy(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    schema.title = None;
    if let Some(words) = &mut schema.enum_ {
        words.retain(|word| word.0 != Value::Null);
    }
    schema
        .format
        .take_if(|format| !KNOWN_FORMATS.contains(&format.as_str()));
    schema.description = schema
        .description
        .take()
        .map(|text| text.replace('\n', " "));
    if schema.type_.as_deref() == Some("array") {
        schema
            .x_kubernetes_list_type
            .get_or_insert_with(|| "atomic".to_owned());
    }
    children(schema).for_each(tidy);
}

/// A status says what was seen; nothing may be added to it.
fn drop_defaults(status: &mut JSONSchemaProps) {
    status.default = None;
    children(status).for_each(drop_defaults);
}

fn children(schema: &mut JSONSchemaProps) -> impl Iterator<Item = &mut JSONSchemaProps> {
    let items = schema.items.iter_mut().flat_map(|items| match items {
        JSONSchemaPropsOrArray::Schema(schema) => std::slice::from_mut(&mut **schema),
        JSONSchemaPropsOrArray::Schemas(schemas) => schemas.as_mut_slice(),
    });
    let values = schema
        .additional_properties
        .iter_mut()
        .filter_map(|values| match values {
            JSONSchemaPropsOrBool::Schema(schema) => Some(&mut **schema),
            JSONSchemaPropsOrBool::Bool(_) => None,
        });
    let properties = schema
        .properties
        .iter_mut()
        .flat_map(|properties| properties.values_mut());
    properties.chain(items).chain(values)
}

/// Allows only checks that there are, and for each only parameters that it has.
fn name_checks(policy: &mut JSONSchemaProps, ids: &[&str], parameters: &[(&str, &[&str])]) {
    for place in [["checks", "[]", "id"], ["enforcement", "denyChecks", "[]"]] {
        at(policy, &["spec"], |spec| {
            at(spec, &place, |id| one_of(id, ids));
        });
    }
    let named = parameters
        .iter()
        .map(|(check, names)| named_parameters(check, names));
    at(policy, &["spec", "checks", "[]"], |setting| {
        let rules = setting.x_kubernetes_validations.get_or_insert_default();
        rules.push(no_parameters(parameters));
        rules.extend(named);
    });
}

/// Allows only these checks, and whatever can be the id of a rule: those are a policy's.
fn check_or_rule(ids: &[&str]) -> ValidationRule {
    let mut ids: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
    ids.sort_unstable();
    ValidationRule {
        rule: format!("self in [{}] || self.matches(r'{RULE_ID}')", ids.join(", ")),
        message: Some(
            "must be a check, which `prodready checks` lists, or a rule of the policy, whose id has a point in it"
                .to_owned(),
        ),
        ..ValidationRule::default()
    }
}

/// Allows only these words. The pattern goes, so that a wrong word is one mistake and not two.
fn one_of(schema: &mut JSONSchemaProps, words: &[&str]) {
    let mut words = words.to_vec();
    words.sort_unstable();
    schema.enum_ = Some(words.into_iter().map(|word| JSON(word.into())).collect());
    schema.pattern = None;
}

fn no_parameters(parameters: &[(&str, &[&str])]) -> ValidationRule {
    let checks: Vec<String> = parameters.iter().map(|(check, _)| quoted(check)).collect();
    about_parameters(
        format!(
            "!has(self.parameters) || self.id in [{}]",
            checks.join(", ")
        ),
        "must not be set: this check has no parameters".to_owned(),
    )
}

fn named_parameters(check: &str, names: &[&str]) -> ValidationRule {
    let check = quoted(check);
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    let list = names.join(", ");
    let is_named = format!("self.parameters.all(parameter, parameter.name in [{list}])");
    about_parameters(
        format!("self.id != {check} || !has(self.parameters) || {is_named}"),
        format!(
            "every `name` must be one that check {check} has: {}",
            names.join(" or ")
        ),
    )
}

fn about_parameters(rule: String, message: String) -> ValidationRule {
    ValidationRule {
        rule,
        message: Some(message),
        field_path: Some(".parameters".to_owned()),
        ..ValidationRule::default()
    }
}

/// A CEL literal. Ids and names have no character that needs escaping.
fn quoted(word: &str) -> String {
    format!("'{word}'")
}

/// Changes the schema at a place, where `[]` are the elements of a list.
fn at(schema: &mut JSONSchemaProps, path: &[&str], change: impl FnOnce(&mut JSONSchemaProps)) {
    let found = path
        .iter()
        .try_fold(schema, |schema, step| match &mut schema.items {
            Some(JSONSchemaPropsOrArray::Schema(items)) if *step == "[]" => Some(&mut **items),
            _ => schema.properties.as_mut()?.get_mut(*step),
        });
    found.map(change);
}

#[cfg(test)]
mod tests;
