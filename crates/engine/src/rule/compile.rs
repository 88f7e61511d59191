//! From a rule as it is written to one to judge by.

use std::sync::Arc;

use cel::Env;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Map, Value};

use super::{
    Message, Rule,
    analysis::{Frame, Reads},
    asked::{Asked, kinds_asked, names_others, tells_apart},
    expression::{Expression, Wanted},
    library,
    mistake::Mistake,
    value,
};
use crate::{
    api::{
        policy::CheckParameter,
        rule::Rule as Written,
        vocabulary::{Category, WorkloadKind},
    },
    object::Pointer,
    policy::FieldError,
    schema::Schema,
};

/// The rules of a policy.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Those that can be asked.
    pub(crate) compiled: Vec<Arc<Rule>>,
    /// Fields that they ask for and that are none. Such a rule is asked all the same, and is unknown.
    pub(crate) unknown_fields: Vec<FieldError>,
}

/// What every rule of a policy is compiled with.
struct Workshop<'a> {
    environment: Arc<Env>,
    schema: Schema,
    /// The kinds that the policy selects; all where there are none.
    selected: &'a [WorkloadKind],
}

/// Compiles the rules of a policy that selects some kinds, or names every mistake in them.
pub(crate) fn rules(
    written: &[Written],
    selected: &[WorkloadKind],
    errors: &mut Vec<FieldError>,
) -> Rules {
    let mut rules = Rules::default();
    if written.is_empty() {
        return rules;
    }
    let environment = match library::environment() {
        Ok(environment) => Arc::new(environment),
        Err(err) => {
            errors.push(error("spec.rules", err.to_string()));
            return rules;
        }
    };
    let schema = Schema::kubernetes();
    let workshop = Workshop {
        environment,
        schema,
        selected,
    };
    for (index, rule) in written.iter().enumerate() {
        let field = format!("spec.rules[{index}]");
        if let Err(message) = id(&rule.id, &rules.compiled) {
            errors.push(error(&format!("{field}.id"), message));
        }
        match one(rule, &field, &workshop, &mut rules.unknown_fields) {
            Ok(rule) => rules.compiled.push(Arc::new(rule)),
            Err(mistakes) => errors.extend(mistakes),
        }
    }
    rules
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

fn one(
    written: &Written,
    field: &str,
    workshop: &Workshop<'_>,
    unknown_fields: &mut Vec<FieldError>,
) -> Result<Rule, Vec<FieldError>> {
    let params: Vec<String> = written
        .params
        .iter()
        .map(|param| param.name.clone())
        .collect();
    let kinds = kinds_asked(written, workshop.selected);
    let frame = Frame {
        asked: Asked {
            schema: &workshop.schema,
            kinds: &kinds,
            tells_apart: tells_apart(written),
            names_others: names_others(written),
        },
        params: &params,
        in_container: written.for_each.is_some(),
    };
    let mut expressions = Expressions {
        written,
        field,
        frame,
        environment: &workshop.environment,
        errors: Vec::new(),
        reads: Reads::default(),
        unknown_field: None,
        unknown_fields,
    };
    let mut compile = |text, wanted, name| expressions.compile(text, wanted, name);
    let holds = compile(&written.expression, Wanted::Bool, "expression");
    let applies = written
        .applies_to
        .as_deref()
        .map(|text| compile(text, Wanted::Bool, "appliesTo"));
    let message = written
        .message_expression
        .as_deref()
        .map(|text| compile(text, Wanted::Text, "messageExpression"));
    let Expressions {
        mut errors,
        reads,
        unknown_field,
        ..
    } = expressions;
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
        unknown_field,
    })
}

/// The expressions of one rule, while they are compiled.
struct Expressions<'a> {
    written: &'a Written,
    /// The rule's own.
    field: &'a str,
    frame: Frame<'a>,
    environment: &'a Arc<Env>,
    errors: Vec<FieldError>,
    reads: Reads,
    /// Why the rule comes to nothing.
    unknown_field: Option<String>,
    unknown_fields: &'a mut Vec<FieldError>,
}

impl Expressions<'_> {
    fn compile(&mut self, text: &str, wanted: Wanted, name: &str) -> Option<Expression> {
        match Expression::compile(text, wanted, self.frame, self.environment) {
            Ok(compiled) => {
                self.reads.add(compiled.reads);
                if let Some(mistake) = compiled.unknown_field {
                    self.keep(&mistake, wanted, name);
                }
                Some(compiled.expression)
            }
            Err(mistake) => {
                self.errors.push(self.told(&mistake, name));
                None
            }
        }
    }

    fn keep(&mut self, mistake: &Mistake, wanted: Wanted, name: &str) {
        self.unknown_fields.push(self.told(mistake, name));
        // A message that cannot be made has another in its place.
        if wanted == Wanted::Bool && self.unknown_field.is_none() {
            self.unknown_field = Some(format!("{name}: {mistake}"));
        }
    }

    fn told(&self, mistake: &Mistake, name: &str) -> FieldError {
        let message = format!("rule {}: {mistake}", self.written.id);
        error(&format!("{}.{name}", self.field), message)
    }
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
