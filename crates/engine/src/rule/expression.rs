//! One compiled expression: from text, and what it comes to.

use std::sync::Arc;

use cel::{
    Context, Env, ExecutionError, Value,
    common::{
        ast::{IdedExpr, SourceInfo},
        types::{CelBool, CelString},
    },
    context::VariableResolver,
};

use super::{
    analysis::{Analysis, Frame, Reads},
    budget::{Budget, STEPS, depth, paying},
    fields::unknown_field,
    library::{Patterns, add_counted},
    mistake::Mistake,
};

/// How deep an expression may be nested.
const DEEPEST: u16 = 48;

/// Bytes of stack for the parser: 16 KiB for each character of the longest expression.
const PARSER_STACK: usize = 64 * 1024 * 1024;

/// The most characters of an expression; the schema has the same bound.
const LONGEST: usize = 4096;

/// What an expression must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Bool,
    Text,
}

/// A compiled expression, which pays for what it does.
pub(super) struct Expression {
    code: IdedExpr,
    patterns: Arc<Patterns>,
    environment: Arc<Env>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Expression")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// An expression that can be evaluated, and what was found out about it.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) expression: Expression,
    pub(super) reads: Reads,
    /// A field in it that is none: it can be evaluated, but comes to nothing of use.
    pub(super) unknown_field: Option<Mistake>,
}

impl Expression {
    /// Compiles an expression, and finds out about it.
    pub(super) fn compile(
        text: &str,
        wanted: Wanted,
        frame: Frame<'_>,
        environment: &Arc<Env>,
    ) -> Result<Compiled, Mistake> {
        if text.chars().count() > LONGEST {
            return Err(Mistake::of_whole(format!(
                "longer than {LONGEST} characters"
            )));
        }
        let (code, source) = parse(text, environment)?;
        let mut analysis = Analysis::new(&source, frame);
        let gives = analysis.of(&code)?;
        match wanted {
            Wanted::Bool => analysis.must_be_bool(&code, gives)?,
            Wanted::Text => analysis.must_be_text(&code, gives)?,
        }
        let reads = analysis.reads;
        let unknown_field = unknown_field(&code, &source, frame.asked);
        let expression = Self {
            code: paying(code),
            patterns: Arc::new(reads.patterns.clone()),
            environment: Arc::clone(environment),
        };
        Ok(Compiled {
            expression,
            reads,
            unknown_field,
        })
    }

    /// Whether the expression is true, or why that cannot be told.
    pub(super) fn holds(
        &self,
        variables: &dyn VariableResolver,
        budget: &Budget,
    ) -> Result<bool, String> {
        self.evaluate(variables, budget, |value| {
            value.downcast_ref::<CelBool>().map(|word| *word.inner())
        })
    }

    /// The text that the expression makes, or why it makes none.
    pub(super) fn text(
        &self,
        variables: &dyn VariableResolver,
        budget: &Budget,
    ) -> Result<String, String> {
        self.evaluate(variables, budget, |value| {
            value
                .downcast_ref::<CelString<'_>>()
                .map(|text| text.inner().to_owned())
        })
    }

    fn evaluate<T>(
        &self,
        variables: &dyn VariableResolver,
        budget: &Budget,
        read: impl FnOnce(&dyn cel::common::value::Val) -> Option<T>,
    ) -> Result<T, String> {
        let mut context = Context::with_env(Arc::clone(&self.environment));
        context.set_variable_resolver(variables);
        add_counted(&mut context, budget, &self.patterns).map_err(|err| err.to_string())?;
        let value = Value::resolve_val(&self.code, &context);
        // What was left out for want of steps may have decided, whatever came out without it.
        if budget.is_spent() {
            return Err(format!("it takes more than {STEPS} steps"));
        }
        let value = value.map_err(|err| words(&err))?;
        let found = read(value.as_ref());
        found.ok_or_else(|| {
            format!(
                "it came to a value of type {}",
                value.as_ref().get_type().name()
            )
        })
    }
}

/// Parses an expression that is not nested too deep for the stack of whoever evaluates it. The parser itself goes
/// down by some calls for each link of a chain, so it gets a stack on which the longest expression has room.
fn parse(text: &str, environment: &Env) -> Result<(IdedExpr, SourceInfo), Mistake> {
    stacker::grow(PARSER_STACK, || {
        let parser = environment.parser().max_recursion_depth(DEEPEST);
        let parsed = parser.parse_with_source_info(text);
        let (code, source) = parsed.map_err(|errors| syntax(&errors))?;
        if depth(&code) > usize::from(DEEPEST) {
            return Err(Mistake::of_whole(format!(
                "nested more than {DEEPEST} deep"
            )));
        }
        Ok((code, source))
    })
}

/// The first thing that the parser could not read.
fn syntax(errors: &cel::ParseErrors) -> Mistake {
    let first = errors.errors.first();
    let place = |number: isize| usize::try_from(number).unwrap_or(1).max(1);
    let (line, column) = first.map_or((1, 1), |error| (place(error.pos.0), place(error.pos.1)));
    let message = first.map_or_else(String::new, |error| error.msg.clone());
    Mistake {
        line,
        column,
        message,
    }
}

/// What went wrong, without the values that it went wrong with: they may be credentials.
fn words(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("there is no {key}; has() asks whether there is"),
        ExecutionError::NoSuchOverload(overload) => overload.to_string(),
        ExecutionError::UndeclaredReference(name) => format!("there is no {name} of such values"),
        ExecutionError::UnexpectedType { got, want } => {
            format!("found {got} in the place of {want}")
        }
        ExecutionError::IndexOutOfBounds(_) => "a list has no item at that place".to_owned(),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "divided by zero".to_owned()
        }
        ExecutionError::Overflow(..) => "a number became too large".to_owned(),
        ExecutionError::FunctionError { function, .. } => {
            format!("{function}() cannot take what it was given")
        }
        _ => "its parts are of types that do not go together".to_owned(),
    }
}
