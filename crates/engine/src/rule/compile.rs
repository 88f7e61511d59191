//! From a rule as it is written to one to judge by.

use std::sync::Arc;

use cel::Env;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Map, Value};

use super::{
    Message, Rule,
    analysis::{Frame, Reads},
    expression::{Expression, Wanted},
    library, value,
};
use crate::{
    api::{policy::CheckParameter, rule::Rule as Written, vocabulary::Category},
    object::Pointer,
    policy::FieldError,
};

/// Compiles the rules of a policy, each with the moment from which it denies, or names every mistake in them.
pub(crate) fn rules(written: &[Written], errors: &mut Vec<FieldError>) -> Vec<Arc<Rule>> {
    if written.is_empty() {
        return Vec::new();
    }
    let environment = match library::environment() {
        Ok(environment) => Arc::new(environment),
        Err(err) => {
            errors.push(error("spec.rules", err.to_string()));
            return Vec::new();
        }
    };
    let mut compiled: Vec<Arc<Rule>> = Vec::new();
    for (index, rule) in written.iter().enumerate() {
        let field = format!("spec.rules[{index}]");
        if let Err(message) = id(&rule.id, &compiled) {
            errors.push(error(&format!("{field}.id"), message));
        }
        match one(rule, &field, &environment) {
            Ok(rule) => compiled.push(Arc::new(rule)),
            Err(mistakes) => errors.extend(mistakes),
        }
    }
    compiled
}

fn error(field: &str, message: String) -> FieldError {
    let field = field.to_owned();
    FieldError { field, message }
}

/// Whether something is an owner's prefix and a name with a point between them: an id of the catalogue has no point.
pub(crate) fn is_rule_id(id: &str) -> bool {
    let is_label = |label: &str| {
        label.starts_with(|letter: char| letter.is_ascii_lowercase())
            && !label.ends_with('-')
            && !label.contains("--")
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let parts = id.split_once('.');
    id.len() <= 63 && parts.is_some_and(|(owner, name)| is_label(owner) && is_label(name))
}

fn id(id: &str, earlier: &[Arc<Rule>]) -> Result<(), String> {
    if !is_rule_id(id) {
        return Err(format!(
            "`{id}` must be a prefix of your own, a point and a name, such as `acme.image-by-digest`"
        ));
    }
    if earlier.iter().any(|rule| *rule.id == *id) {
        return Err(format!("`{id}` is written twice; write it once"));
    }
    Ok(())
}

fn one(written: &Written, field: &str, environment: &Arc<Env>) -> Result<Rule, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut reads = Reads::default();
    let params: Vec<String> = written
        .params
        .iter()
        .map(|param| param.name.clone())
        .collect();
    let frame = Frame {
        params: &params,
        in_container: written.for_each.is_some(),
    };
    let mut compile = |text: &str, wanted: Wanted, name: &str| match Expression::compile(
        text,
        wanted,
        frame,
        environment,
    ) {
        Ok((expression, own)) => {
            reads.add(own);
            Some(expression)
        }
        Err(mistake) => {
            errors.push(error(
                &format!("{field}.{name}"),
                format!("rule {}: {mistake}", written.id),
            ));
            None
        }
    };
    let holds = compile(&written.expression, Wanted::Bool, "expression");
    let applies = written
        .applies_to
        .as_deref()
        .map(|text| compile(text, Wanted::Bool, "appliesTo"));
    let message = written
        .message_expression
        .as_deref()
        .map(|text| compile(text, Wanted::Text, "messageExpression"));
    let weight = match written.weight.map(u32::try_from) {
        None => written.severity.default_weight(),
        Some(Ok(weight)) if weight <= 100 => weight,
        Some(_) => {
            let told = format!(
                "{} must be between 0 and 100",
                written.weight.unwrap_or_default()
            );
            errors.push(error(&format!("{field}.weight"), told));
            0
        }
    };
    let pointer = match written.field_path.as_deref().map(pointer) {
        None => Pointer::root(),
        Some(Some(pointer)) => pointer,
        Some(None) => {
            let told =
                "write it as Kubernetes does: spec.template.spec.containers[0].image".to_owned();
            errors.push(error(&format!("{field}.fieldPath"), told));
            Pointer::root()
        }
    };
    if written.message.is_none() && written.message_expression.is_none() {
        let told = "must have a `message`, a `messageExpression`, or both".to_owned();
        errors.push(error(&format!("{field}.message"), told));
    }
    let Some(holds) = holds.filter(|_| errors.is_empty()) else {
        return Err(errors);
    };
    Ok(Rule {
        id: written.id.as_str().into(),
        title: written.title.clone(),
        category: written.category.unwrap_or(Category::Compliance),
        severity: written.severity,
        weight,
        kinds: written.kinds.clone(),
        for_each: written.for_each,
        why: written.why.clone().unwrap_or_else(|| written.title.clone()),
        fix: written.fix.clone(),
        pointer,
        enforced_from: written.enforce_from.as_ref().map(|time| time.0),
        denies: written.deny,
        written: Box::new(written.clone()),
        message: Message {
            expression: message.flatten(),
            text: written
                .message
                .clone()
                .unwrap_or_else(|| written.title.clone()),
        },
        applies: applies.flatten(),
        holds,
        params: value::of_json(Value::Object(params_of(&written.params))),
        reads,
    })
}

fn params_of(written: &[CheckParameter]) -> Map<String, Value> {
    let value = |param: &CheckParameter| match (&param.value, &param.values) {
        (Some(IntOrString::Int(number)), _) => Value::from(*number),
        (Some(IntOrString::String(text)), _) => Value::from(text.as_str()),
        (None, values) => Value::from(values.clone().unwrap_or_default()),
    };
    written
        .iter()
        .map(|param| (param.name.clone(), value(param)))
        .collect()
}

/// `spec.template.spec.containers[0].image`, or `metadata.annotations[acme.example/team]`.
fn pointer(path: &str) -> Option<Pointer> {
    let mut pointer = Pointer::root();
    let mut rest = path.strip_prefix('.').unwrap_or(path);
    while !rest.is_empty() {
        let (key, after) = match rest.strip_prefix('[') {
            Some(inner) => {
                let (key, after) = inner.split_once(']')?;
                (key.trim_matches(['\'', '"']), after)
            }
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        if key.is_empty() {
            return None;
        }
        pointer = pointer.key(key);
        rest = match after.strip_prefix('.') {
            Some("") => return None,
            Some(after) => after,
            None => after,
        };
    }
    Some(pointer)
}

impl Reads {
    fn add(&mut self, other: Self) {
        self.object |= other.object;
        self.container |= other.container;
        self.old_object |= other.old_object;
        self.namespace_object |= other.namespace_object;
        self.related.extend(other.related);
        self.patterns.extend(other.patterns);
    }
}
