//! Mistakes in an exception that its schema would refuse, for exceptions that no API server has seen.

use crate::{
    checks,
    object::exception::{ExceptionSpec, ReadinessException},
    policy::FieldError,
    rule::is_rule_id,
};

/// The least length of a reason, as in the schema.
const REASON: usize = 20;

/// Every mistake in an exception that was read from a file.
pub fn mistakes(exception: &ReadinessException) -> Vec<FieldError> {
    let spec = &exception.spec;
    let mut mistakes = of_selection(spec);
    if spec.checks.is_empty() {
        mistakes.push(mistake("spec.checks", "must name at least one check"));
    }
    for (index, id) in spec.checks.iter().enumerate() {
        // Which rules there are only the policy knows that governs; the exception's status tells.
        if checks::find(id).is_none() && !is_rule_id(id) {
            let message = format!(
                "there is no check `{id}`; `prodready checks` lists them, and a rule of a policy's own has a point in its id"
            );
            mistakes.push(mistake(format!("spec.checks[{index}]"), message));
        }
    }
    for (index, scope) in spec.containers.iter().enumerate() {
        if scope.name.is_none() && scope.image.is_none() {
            let field = format!("spec.containers[{index}]");
            mistakes.push(mistake(field, "must have `name`, `image` or both"));
        }
    }
    if spec.reason.chars().count() < REASON {
        let message = format!("must say why in at least {REASON} characters");
        mistakes.push(mistake("spec.reason", message));
    }
    mistakes
}

fn of_selection(spec: &ExceptionSpec) -> Vec<FieldError> {
    match (&spec.selector, spec.workloads.is_empty()) {
        (Some(_), false) | (None, true) => {
            let message = "must have exactly one of `workloads` (by kind and name) and `selector` (by labels)";
            vec![mistake("spec", message)]
        }
        (Some(selector), true) if selector.is_empty() => {
            let message =
                "must ask for at least one label: an empty selector would mean every workload";
            vec![mistake("spec.selector", message)]
        }
        _ => Vec::new(),
    }
}

fn mistake(field: impl Into<String>, message: impl Into<String>) -> FieldError {
    FieldError {
        field: field.into(),
        message: message.into(),
    }
}
