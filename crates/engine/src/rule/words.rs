//! How a field that is none is told of.

use cel::common::{
    ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators},
    types::CelString,
};

use super::held::Held;
use crate::schema::{Schema, Shape};

/// The most characters of an expression that a message repeats.
const LONGEST: usize = 60;

/// What is said of a field that nothing has which a value may be.
pub(super) fn no_field(schema: &Schema, held: &Held, holder: &IdedExpr, name: &str) -> String {
    let shapes = || held.types.iter().map(|of| schema.shape(*of));
    let definitions: Vec<usize> = shapes()
        .filter_map(|shape| match shape {
            Shape::Fields(definition) => Some(definition),
            _ => None,
        })
        .collect();
    let written = written(holder).filter(|text| text.chars().count() <= LONGEST);
    let Some((last, others)) = definitions.split_last() else {
        let what = shapes().next().map_or("a list", Shape::words);
        let written = written.unwrap_or_else(|| "this".to_owned());
        return format!("{written} is {what}, which has no field {name}");
    };
    let mut titles: Vec<&str> = others.iter().map(|one| schema.title(*one)).collect();
    titles.push(schema.title(*last));
    titles.dedup();
    let titles = match titles.as_slice() {
        [one] => (*one).to_owned(),
        all => format!("one of {}", all.join(", ")),
    };
    let told = match &written {
        Some(written) => format!("{written} ({titles}) has no field {name}"),
        None => format!("this ({titles}) has no field {name}"),
    };
    if let Some(known) = schema.nearest(&definitions, name) {
        return format!("{told}; did you mean {known}?");
    }
    let written = written.as_deref().unwrap_or("…");
    format!("{told}; if Kubernetes has it by now, write dyn({written}).{name}")
}

/// An expression as it is written, where it is short to write.
fn written(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", written(&select.operand)?, select.field)),
        Expr::Literal(LiteralValue::String(text)) => Some(format!("'{}'", CelString::inner(text))),
        Expr::Literal(LiteralValue::Int(number)) => Some(number.inner().to_string()),
        Expr::Call(call) => of_call(call),
        _ => None,
    }
}

fn of_call(call: &CallExpr) -> Option<String> {
    match (call.func_name.as_str(), call.args.as_slice(), &call.target) {
        (operators::INDEX, [holder, key], None) => {
            Some(format!("{}[{}]", written(holder)?, written(key)?))
        }
        (operators::OPT_INDEX, [holder, key], None) => {
            Some(format!("{}[?{}]", written(holder)?, written(key)?))
        }
        (operators::OPT_SELECT, [holder, key], None) => {
            Some(format!("{}.?{}", written(holder)?, text(key)?))
        }
        (name, arguments, Some(target)) => {
            let inside = if arguments.is_empty() { "" } else { "…" };
            Some(format!("{}.{name}({inside})", written(target)?))
        }
        _ => None,
    }
}

/// The text that a part of an expression is, such as a key.
pub(super) fn text(literal: &IdedExpr) -> Option<&str> {
    match &literal.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(CelString::inner(text)),
        _ => None,
    }
}
