//! What an expression reads and calls, found out without evaluating it; and mistakes in it, with their places.

use std::collections::BTreeSet;

use cel::common::{
    ast::{
        CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr,
        SourceInfo, operators,
    },
    types::CelString,
};

use super::{
    asked::Asked,
    function::{self, Gives, Style},
    library::{Patterns, pattern},
    mistake::{Mistake, place},
    related::Related,
};

/// The variables of every expression.
const VARIABLES: [&str; 5] = [
    "object",
    "oldObject",
    "namespaceObject",
    "params",
    "related",
];

/// What an expression is written in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// The kinds that the rule may be asked about.
    pub(super) asked: Asked<'a>,
    /// The names of the rule's params.
    pub(super) params: &'a [String],
    /// Whether the rule is asked for each container.
    pub(super) in_container: bool,
}

/// Names of types, which `type(x)` is compared with.
const TYPES: [&str; 13] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
    "dyn",
    "optional_type",
    "kubernetes",
];

/// What an expression reads.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each variable is read or is not"
)]
pub(super) struct Reads {
    pub(super) object: bool,
    pub(super) container: bool,
    pub(super) old_object: bool,
    pub(super) namespace_object: bool,
    pub(super) related: BTreeSet<Related>,
    /// The regular expressions that are written out in it.
    pub(super) patterns: Patterns,
}

/// Looks an expression over.
pub(super) struct Analysis<'a> {
    source: &'a SourceInfo,
    frame: Frame<'a>,
    /// The names that loops give to what they go over, the innermost last.
    names: Vec<String>,
    pub(super) reads: Reads,
}

impl<'a> Analysis<'a> {
    pub(super) fn new(source: &'a SourceInfo, frame: Frame<'a>) -> Self {
        Self {
            source,
            frame,
            names: Vec::new(),
            reads: Reads::default(),
        }
    }

    /// What an expression gives, or the first mistake in it.
    pub(super) fn of(&mut self, expression: &IdedExpr) -> Result<Gives, Mistake> {
        match &expression.expr {
            Expr::Literal(literal) => Ok(of_literal(literal)),
            Expr::Ident(name) => self.name(expression, name),
            Expr::Select(select) => self.select(expression, select),
            Expr::Call(call) => self.call(expression, call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => {
                self.each(&list.elements)?;
                Ok(Gives::Other("a list"))
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.of(&entry.key)?;
                        self.of(&entry.value)?;
                    }
                }
                Ok(Gives::Other("a map"))
            }
            Expr::Struct(made) => {
                Err(self.mistake(expression, format!("there is no type {}", made.type_name)))
            }
            Expr::Unspecified => {
                Err(self.mistake(expression, "an expression is missing".to_owned()))
            }
        }
    }

    fn each(&mut self, expressions: &[IdedExpr]) -> Result<(), Mistake> {
        expressions
            .iter()
            .try_for_each(|expression| self.of(expression).map(drop))
    }

    fn name(&mut self, expression: &IdedExpr, name: &str) -> Result<Gives, Mistake> {
        if self.names.iter().any(|own| own == name) || TYPES.contains(&name) {
            return Ok(Gives::Anything);
        }
        match name {
            "object" => self.reads.object = true,
            "container" if self.frame.in_container => self.reads.container = true,
            "container" => {
                let told = "there is no variable container without `forEach: containers`";
                return Err(self.mistake(expression, told.to_owned()));
            }
            "oldObject" => self.reads.old_object = true,
            "namespaceObject" => self.reads.namespace_object = true,
            "params" => return Ok(Gives::Other("a map")),
            "related" => return Err(self.mistake(expression, format!("write {}", related_names()))),
            _ => {
                let known = VARIABLES.join(", ");
                return Err(self.mistake(
                    expression,
                    format!("there is no variable {name}; there are {known}"),
                ));
            }
        }
        Ok(Gives::Anything)
    }

    fn select(&mut self, expression: &IdedExpr, select: &SelectExpr) -> Result<Gives, Mistake> {
        let gives = if select.test {
            Gives::Bool
        } else {
            Gives::Anything
        };
        let variable = match &select.operand.expr {
            Expr::Ident(name) if !self.names.contains(name) => name.as_str(),
            _ => "",
        };
        let field = &select.field;
        match variable {
            "related" if select.test => {
                let told = format!("related.{field} is always there: ask size(related.{field})");
                return Err(self.mistake(expression, told));
            }
            "related" => {
                let related = Related::find(field);
                let related = related.ok_or_else(|| {
                    self.mistake(
                        expression,
                        format!("there is no related.{field}; there are {}", related_names()),
                    )
                })?;
                self.reads.related.insert(related);
            }
            "params" if !select.test && !self.frame.params.contains(field) => {
                return Err(self.mistake(expression, format!("the rule has no param {field}")));
            }
            _ => drop(self.of(&select.operand)?),
        }
        Ok(gives)
    }

    fn call(&mut self, expression: &IdedExpr, call: &CallExpr) -> Result<Gives, Mistake> {
        let target = call.target.as_deref();
        let (name, style) = match target.map(|target| &target.expr) {
            Some(Expr::Ident(space))
                if function::find(&format!("{space}.{}", call.func_name), Style::Global)
                    .is_some() =>
            {
                (format!("{space}.{}", call.func_name), Style::Global)
            }
            Some(_) => (call.func_name.clone(), Style::Member),
            None => (call.func_name.clone(), Style::Global),
        };
        if let (Some(target), Style::Member) = (target, style) {
            self.of(target)?;
        }
        if let Some(gives) = self.operator(call)? {
            return Ok(gives);
        }
        let function = function::find(&name, style).ok_or_else(|| {
            self.mistake(
                expression,
                format!("there is no function {name}{}", as_called(style)),
            )
        })?;
        if !function.arguments.contains(&call.args.len()) {
            let (least, most) = (function.arguments.start(), function.arguments.end());
            let wanted = if least == most {
                least.to_string()
            } else {
                format!("{least} or {most}")
            };
            let told = format!("{name}() takes {wanted} arguments, not {}", call.args.len());
            return Err(self.mistake(expression, told));
        }
        self.each(&call.args)?;
        if matches!(name.as_str(), "matches" | "find" | "findAll") {
            self.pattern(call, style)?;
        }
        Ok(function.gives)
    }

    /// What an operator gives; nothing where the call is of a function.
    fn operator(&mut self, call: &CallExpr) -> Result<Option<Gives>, Mistake> {
        let gives = match call.func_name.as_str() {
            operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT => {
                for part in &call.args {
                    let gives = self.of(part)?;
                    self.must_be_bool(part, gives)?;
                }
                return Ok(Some(Gives::Bool));
            }
            operators::CONDITIONAL => return self.conditional(&call.args).map(Some),
            operators::EQUALS
            | operators::NOT_EQUALS
            | operators::GREATER
            | operators::GREATER_EQUALS
            | operators::LESS
            | operators::LESS_EQUALS
            | operators::IN
            | operators::NOT_STRICTLY_FALSE => Gives::Bool,
            operators::SUBSTRACT
            | operators::MULTIPLY
            | operators::DIVIDE
            | operators::MODULO
            | operators::NEGATE => Gives::Other("a number"),
            operators::ADD => Gives::Other("a sum"),
            operators::INDEX => Gives::Anything,
            operators::OPT_INDEX | operators::OPT_SELECT => Gives::Other("an optional"),
            _ => return Ok(None),
        };
        let as_text = gives == Gives::Other("a sum");
        let mut texts = false;
        for part in &call.args {
            texts |= self.of(part)? == Gives::Text;
        }
        Ok(Some(if as_text && texts { Gives::Text } else { gives }))
    }

    fn conditional(&mut self, args: &[IdedExpr]) -> Result<Gives, Mistake> {
        let [condition, then, otherwise] = args else {
            return Ok(Gives::Anything);
        };
        let gives = self.of(condition)?;
        self.must_be_bool(condition, gives)?;
        let (one, other) = (self.of(then)?, self.of(otherwise)?);
        Ok(if one == other { one } else { Gives::Anything })
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Result<Gives, Mistake> {
        self.of(&comprehension.iter_range)?;
        let start = self.of(&comprehension.accu_init)?;
        let before = self.names.len();
        self.names.push(comprehension.iter_var.clone());
        self.names.extend(comprehension.iter_var2.clone());
        self.names.push(comprehension.accu_var.clone());
        self.of(&comprehension.loop_cond)?;
        self.of(&comprehension.loop_step)?;
        let end = self.of(&comprehension.result)?;
        self.names.truncate(before);
        Ok(if end == Gives::Anything { start } else { end })
    }

    /// That an expression can be true or false.
    pub(super) fn must_be_bool(&self, expression: &IdedExpr, gives: Gives) -> Result<(), Mistake> {
        let found = match gives {
            Gives::Bool | Gives::Anything => return Ok(()),
            Gives::Text => "a text",
            Gives::Other(what) => what,
        };
        Err(self.mistake(expression, format!("must be true or false, and is {found}")))
    }

    /// That an expression can be a text.
    pub(super) fn must_be_text(&self, expression: &IdedExpr, gives: Gives) -> Result<(), Mistake> {
        let found = match gives {
            Gives::Text | Gives::Anything | Gives::Other("a sum") => return Ok(()),
            Gives::Bool => "true or false",
            Gives::Other(what) => what,
        };
        Err(self.mistake(expression, format!("must be a text, and is {found}")))
    }

    /// A regular expression that is written out is compiled once, and a mistake in it told now.
    fn pattern(&mut self, call: &CallExpr, style: Style) -> Result<(), Mistake> {
        let at = usize::from(style == Style::Global);
        let Some(IdedExpr {
            expr: Expr::Literal(LiteralValue::String(text)),
            ..
        }) = call.args.get(at)
        else {
            return Ok(());
        };
        let text = CelString::inner(text);
        let compiled = pattern(text).map_err(|why| {
            self.mistake(&call.args[at], format!("not a regular expression: {why}"))
        })?;
        self.reads.patterns.insert(text.to_owned(), compiled);
        Ok(())
    }

    fn mistake(&self, expression: &IdedExpr, message: String) -> Mistake {
        Mistake::at(self.source, self.start(expression), message)
    }

    /// How many bytes stand in front of an expression.
    fn start(&self, expression: &IdedExpr) -> usize {
        let first = first(expression);
        let start = place(self.source, first.id).map_or(0, |(start, _)| start);
        let before = self.source.source.get(..start).unwrap_or_default();
        // The parser puts a call at its bracket.
        match &first.expr {
            Expr::Call(call) => before.rfind(&call.func_name).unwrap_or(start),
            _ => start,
        }
    }
}

/// The part that stands first: an operator's own place is in its middle.
fn first(expression: &IdedExpr) -> &IdedExpr {
    match &expression.expr {
        Expr::Select(select) => first(&select.operand),
        Expr::Comprehension(inner) => first(&inner.iter_range),
        Expr::Call(call) => match (call.target.as_deref(), call.args.as_slice()) {
            (Some(target), _) => first(target),
            (None, [one, _, ..]) if !call.func_name.starts_with(char::is_alphabetic) => first(one),
            _ => expression,
        },
        _ => expression,
    }
}

fn of_literal(literal: &LiteralValue) -> Gives {
    match literal {
        LiteralValue::Boolean(_) => Gives::Bool,
        LiteralValue::String(_) => Gives::Text,
        LiteralValue::Bytes(_) => Gives::Other("bytes"),
        LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => {
            Gives::Other("a number")
        }
        LiteralValue::Null => Gives::Other("null"),
    }
}

fn as_called(style: Style) -> &'static str {
    match style {
        Style::Global => "()",
        Style::Member => "() of a value",
    }
}

fn related_names() -> String {
    let names = Related::ALL
        .iter()
        .map(|related| format!("related.{}", related.name()));
    names.collect::<Vec<_>>().join(", ")
}
