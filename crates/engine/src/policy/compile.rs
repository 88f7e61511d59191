//! From a policy as it is written to one to judge by. Nothing else reads the written form.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Enforcement, ExceptionTerms, Policy, Ratchet, Selection, Setting, Switch, Thresholds,
    WithoutApproval, defaults,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::{
    api::{
        policy::{
            CheckParameter, CheckSetting, Enforcement as WrittenEnforcement, Exceptions,
            ProductionReadinessPolicy, ProductionReadinessPolicySpec, Ratchet as WrittenRatchet,
        },
        selector::{LabelOperator, LabelRequirement, LabelSelector as WrittenSelector},
        vocabulary::{Mode, Profile, Severity},
    },
    check::{Check, Parameter, ParameterKind, ParameterValue},
    checks,
    object::{
        Quantity,
        selector::{LabelSelector, Operator, Requirement},
    },
    rule::{self, Rules},
};

/// A mistake in a policy: where, what, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The field, as Kubernetes writes it.
    pub field: String,
    /// What is wrong, and what is allowed.
    pub message: String,
}

impl Policy {
    /// Compiles a policy, or names every mistake in it.
    pub fn compile(written: &ProductionReadinessPolicy) -> Result<Self, Vec<FieldError>> {
        let policy = Self::compile_stored(written)?;
        if policy.unknown_fields.is_empty() {
            Ok(policy)
        } else {
            Err(policy.unknown_fields)
        }
    }

    /// Compiles a policy that may have been taken by an earlier release, which knew nothing of fields: a rule that asks
    /// for one that is none is kept, unknown for every workload, and told in [`Policy::unknown_fields`].
    pub fn compile_stored(written: &ProductionReadinessPolicy) -> Result<Self, Vec<FieldError>> {
        let metadata = &written.metadata;
        let name: Arc<str> = metadata.name.as_deref().unwrap_or_default().into();
        let created = metadata
            .creation_timestamp
            .as_ref()
            .map(|time| time.0.to_string())
            .unwrap_or_default();
        Self::compile_spec(name, created.into(), &written.spec)
    }

    /// The policy that a profile makes by itself, with nothing set.
    pub fn of_profile(profile: Profile) -> Self {
        let settings = checks_of(profile).map(default_setting).collect();
        Self {
            name: profile.as_str().into(),
            precedence: 0,
            created: "".into(),
            selection: Selection {
                namespaces: None,
                workloads: None,
                kinds: Vec::new(),
                excluded_namespaces: Vec::new(),
            },
            profile,
            settings,
            rules: Vec::new(),
            unknown_fields: Vec::new(),
            narrowed: false,
            thresholds: Thresholds {
                production: 80,
                scale: 90,
            },
            enforcement: Enforcement {
                mode: Mode::Audit,
                from: None,
                ratchet: Ratchet::On,
                deny_severities: vec![Severity::Critical],
                minimum_score: None,
                deny_checks: Vec::new(),
            },
            defaults: Vec::new(),
            exceptions: exception_terms(&Exceptions::default()),
        }
    }

    /// The same policy with no more than these checks, those that its profile lacks added, and without rules of its
    /// own.
    #[must_use]
    pub fn narrowed_to(mut self, wanted: &[&'static Check]) -> Self {
        for check in wanted {
            if !self
                .settings
                .iter()
                .any(|setting| setting.check.id == check.id)
            {
                self.settings.push(default_setting(check));
            }
        }
        self.settings
            .retain(|setting| wanted.iter().any(|check| check.id == setting.check.id));
        self.rules.clear();
        self.unknown_fields.clear();
        self.defaults.clear();
        self.narrowed = true;
        self
    }

    /// The same with a whole number given to every check that declares a parameter of this name. A number out of
    /// bounds is brought within them.
    #[must_use]
    pub fn with_number(mut self, name: &str, number: i64) -> Self {
        for setting in &mut self.settings {
            let Some(index) = setting.check.parameter(name) else {
                continue;
            };
            if let ParameterKind::Integer { min, max, .. } = setting.check.parameters[index].kind {
                setting.parameters[index] = ParameterValue::Integer(number.clamp(min, max));
            }
        }
        self
    }

    fn compile_spec(
        name: Arc<str>,
        created: Arc<str>,
        spec: &ProductionReadinessPolicySpec,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let settings = settings(spec, &mut errors);
        let Rules {
            compiled: rules,
            unknown_fields,
        } = rule::rules(&spec.rules, &spec.kinds, &mut errors);
        let thresholds = thresholds(spec, &mut errors);
        let enforcement = enforcement(&spec.enforcement, &mut errors);
        let defaults = defaults::checks(spec.defaults.as_ref(), &settings, &mut errors);
        if !errors.is_empty() {
            errors.extend(unknown_fields);
            return Err(errors);
        }
        let selection = Selection {
            namespaces: spec.namespace_selector.as_ref().map(selector),
            workloads: spec.workload_selector.as_ref().map(selector),
            kinds: spec.kinds.clone(),
            excluded_namespaces: spec.excluded_namespaces.clone(),
        };
        let (precedence, profile) = (spec.precedence, spec.profile);
        Ok(Self {
            name,
            precedence,
            created,
            selection,
            profile,
            settings,
            rules,
            unknown_fields,
            narrowed: false,
            thresholds,
            enforcement,
            defaults,
            exceptions: exception_terms(&spec.exceptions),
        })
    }
}

impl Parameter {
    /// The value where a policy says nothing.
    pub fn default_value(&self) -> ParameterValue {
        match self.kind {
            ParameterKind::Integer { default, .. } => ParameterValue::Integer(default),
            ParameterKind::Quantity { default } => ParameterValue::Quantity(declared(default)),
            ParameterKind::Texts { default } => {
                ParameterValue::Texts(default.iter().map(|text| (*text).to_owned()).collect())
            }
        }
    }
}

#[expect(
    clippy::panic,
    reason = "a mistake in a declaration, found by the test that reads every default"
)]
fn declared(text: &str) -> Quantity {
    Quantity::parse(text).unwrap_or_else(|err| panic!("default of a parameter: {err}"))
}

fn checks_of(profile: Profile) -> impl Iterator<Item = &'static Check> {
    checks::all().filter(move |check| check.profile <= profile)
}

fn default_setting(check: &'static Check) -> Setting {
    Setting {
        check,
        switch: Switch::On,
        severity: None,
        weight: check.severity.default_weight(),
        parameters: check
            .parameters
            .iter()
            .map(Parameter::default_value)
            .collect(),
        enforced_from: None,
    }
}

/// The checks of the profile and those that the policy turns on beside it, by setting them, by denying for them or by
/// having their fixes filled in, in the order of the catalogue.
fn settings(spec: &ProductionReadinessPolicySpec, errors: &mut Vec<FieldError>) -> Vec<Setting> {
    let mut written = BTreeMap::new();
    for (index, setting) in spec.checks.iter().enumerate() {
        let field = format!("spec.checks[{index}]");
        match checks::find(&setting.id) {
            None => errors.push(unknown_check(&format!("{field}.id"), &setting.id)),
            Some(check) if written.insert(check.id, (field.clone(), setting)).is_some() => errors
                .push(FieldError {
                    field: format!("{field}.id"),
                    message: format!("`{}` is set twice; write it once", setting.id),
                }),
            Some(_) => {}
        }
    }
    let filled_in = spec.defaults.iter().flat_map(|defaults| &defaults.checks);
    let named: BTreeSet<&String> = filled_in.chain(&spec.enforcement.deny_checks).collect();
    checks::all()
        .filter_map(|check| match written.get(check.id) {
            Some((field, setting))
                if check.profile <= spec.profile || setting.enabled != Some(false) =>
            {
                Some(with(check, field, setting, errors))
            }
            Some(_) => None,
            None => {
                let is_asked =
                    check.profile <= spec.profile || named.iter().any(|id| *id == check.id);
                is_asked.then(|| default_setting(check))
            }
        })
        .collect()
}

fn with(
    check: &'static Check,
    field: &str,
    written: &CheckSetting,
    errors: &mut Vec<FieldError>,
) -> Setting {
    let mut setting = default_setting(check);
    if written.enabled == Some(false) {
        setting.switch = Switch::Off;
    }
    setting.severity = written.severity;
    setting.enforced_from = written.enforce_from.as_ref().map(|time| time.0);
    if let Some(severity) = written.severity {
        setting.weight = severity.default_weight();
    }
    if let Some(weight) = written.weight {
        match u32::try_from(weight) {
            Ok(weight) if weight <= 100 => setting.weight = weight,
            _ => errors.push(FieldError {
                field: format!("{field}.weight"),
                message: format!("{weight} must be between 0 and 100"),
            }),
        }
    }
    for (index, parameter) in written.parameters.iter().enumerate() {
        let field = format!("{field}.parameters[{index}]");
        match set_parameter(&mut setting, parameter) {
            Ok(()) => {}
            Err(message) => errors.push(FieldError { field, message }),
        }
    }
    setting
}

fn set_parameter(setting: &mut Setting, written: &CheckParameter) -> Result<(), String> {
    let check = setting.check;
    let Some(index) = check.parameter(&written.name) else {
        let known: Vec<_> = check
            .parameters
            .iter()
            .map(|parameter| parameter.name)
            .collect();
        return Err(if known.is_empty() {
            format!("check {} has no parameters", check.id)
        } else {
            format!(
                "check {} has no parameter `{}`; it has {}",
                check.id,
                written.name,
                known.join(", ")
            )
        });
    };
    setting.parameters[index] = read_parameter(check.parameters[index].kind, written)?;
    Ok(())
}

fn read_parameter(kind: ParameterKind, written: &CheckParameter) -> Result<ParameterValue, String> {
    let name = &written.name;
    match kind {
        ParameterKind::Texts { .. } => match (&written.value, &written.values) {
            (Some(one), None) => Ok(ParameterValue::Texts(vec![text(one)])),
            (None, Some(values)) => Ok(ParameterValue::Texts(values.clone())),
            _ => Err(format!("`{name}` must have either `values` or `value`")),
        },
        ParameterKind::Integer { min, max, .. } => match &written.value {
            Some(IntOrString::Int(value)) if (min..=max).contains(&i64::from(*value)) => {
                Ok(ParameterValue::Integer(i64::from(*value)))
            }
            _ => Err(format!(
                "`{name}` must have a `value` that is a whole number from {min} to {max}"
            )),
        },
        ParameterKind::Quantity { .. } => match &written.value {
            Some(value) => Quantity::parse(&text(value))
                .map(ParameterValue::Quantity)
                .map_err(|err| format!("`{name}`: {err}")),
            None => Err(format!(
                "`{name}` must have a `value` such as 100m or 128Mi"
            )),
        },
    }
}

fn text(value: &IntOrString) -> String {
    match value {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(text) => text.clone(),
    }
}

fn selector(written: &WrittenSelector) -> LabelSelector {
    let requirement = |written: &LabelRequirement| Requirement {
        key: written.key.clone(),
        operator: match written.operator {
            LabelOperator::In => Operator::In,
            LabelOperator::NotIn => Operator::NotIn,
            LabelOperator::Exists => Operator::Exists,
            LabelOperator::DoesNotExist => Operator::DoesNotExist,
        },
        values: written.values.clone(),
    };
    LabelSelector {
        match_labels: written.match_labels.clone().into_iter().collect(),
        match_expressions: written.match_expressions.iter().map(requirement).collect(),
    }
}

fn thresholds(spec: &ProductionReadinessPolicySpec, errors: &mut Vec<FieldError>) -> Thresholds {
    let mut percent = |field: &str, value: i32| percentage(field, value, errors);
    let production = percent("spec.thresholds.production", spec.thresholds.production);
    let scale = percent("spec.thresholds.scale", spec.thresholds.scale);
    if production > scale {
        errors.push(FieldError {
            field: "spec.thresholds.production".to_owned(),
            message: format!(
                "{production} must be less than or equal to spec.thresholds.scale, which is {scale}"
            ),
        });
    }
    Thresholds { production, scale }
}

fn percentage(field: &str, value: i32, errors: &mut Vec<FieldError>) -> u8 {
    match u8::try_from(value) {
        Ok(value) if value <= 100 => value,
        _ => {
            errors.push(FieldError {
                field: field.to_owned(),
                message: format!("{value} must be between 0 and 100"),
            });
            0
        }
    }
}

fn enforcement(written: &WrittenEnforcement, errors: &mut Vec<FieldError>) -> Enforcement {
    let mut deny_checks = Vec::new();
    for (index, id) in written.deny_checks.iter().enumerate() {
        match checks::find(id) {
            Some(check) => deny_checks.push(check.id),
            None => errors.push(unknown_check(
                &format!("spec.enforcement.denyChecks[{index}]"),
                id,
            )),
        }
    }
    Enforcement {
        mode: written.mode,
        from: written.from.as_ref().map(|time| time.0),
        ratchet: match &written.ratchet {
            WrittenRatchet { enabled: false, .. } => Ratchet::Off,
            WrittenRatchet {
                until: Some(until), ..
            } => Ratchet::Until(until.0),
            WrittenRatchet { until: None, .. } => Ratchet::On,
        },
        deny_severities: written.deny_severities.clone(),
        minimum_score: written
            .minimum_score
            .map(|score| percentage("spec.enforcement.minimumScore", score, errors)),
        deny_checks,
    }
}

/// Numbers out of the schema's bounds allow nothing.
fn exception_terms(written: &Exceptions) -> ExceptionTerms {
    let days = |days: i32| u16::try_from(days).unwrap_or(0);
    ExceptionTerms {
        max_days: days(written.max_days),
        without_approval: written
            .without_approval
            .as_ref()
            .map(|allowed| WithoutApproval {
                max_severity: allowed.max_severity,
                max_days: days(allowed.max_days),
            }),
    }
}

pub(super) fn unknown_check(field: &str, id: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message: format!("there is no check `{id}`; `prodready checks` lists them"),
    }
}
