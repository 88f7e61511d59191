//! What an evaluation may cost, and how that is kept.
//!
//! The crate that evaluates counts nothing, so the expression is rewritten: whatever may take more than one step (a
//! loop, a comparison, a call, a copy) first pays for the size of what it works on. A budget that is spent stops
//! every loop at its next turn.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use cel::{
    ExecutionError,
    common::{
        ast::{
            CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue,
            MapExpr, operators,
        },
        types::{CelInt, CelList, CelMap, CelOptional, CelString},
        value::Val,
    },
};

use super::function;

/// Steps of one evaluation. A usual rule takes some hundred; this many take some milliseconds.
pub(super) const STEPS: u64 = 100_000;

/// How many bytes of text count as one step.
const TEXT_STEP: usize = 32;

/// Pays for a value and hands it on. No expression can be written that calls it: `@` begins no name.
pub(super) const PAY: &str = "@pay";

/// As [`PAY`], for what a loop goes over: pays for as many turns, and puts the keys of a map in order.
pub(super) const TURNS: &str = "@turns";

/// What is left of an evaluation's steps. Copies share it.
#[derive(Clone, Debug)]
pub(super) struct Budget(Arc<AtomicU64>);

impl Budget {
    pub(super) fn new(steps: u64) -> Self {
        Self(Arc::new(AtomicU64::new(steps)))
    }

    /// Takes steps, or fails for good where fewer are left.
    pub(super) fn spend(&self, steps: u64) -> Result<(), ExecutionError> {
        let left = self.0.load(Ordering::Relaxed);
        if steps < left {
            self.0.store(left - steps, Ordering::Relaxed);
            Ok(())
        } else {
            self.0.store(0, Ordering::Relaxed);
            Err(ExecutionError::function_error(PAY, "too costly"))
        }
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// Takes as many steps as it takes to go over a value.
    pub(super) fn pay(&self, value: &dyn Val) -> Result<(), ExecutionError> {
        if let Some(text) = value.downcast_ref::<CelString<'_>>() {
            return self.spend(1 + steps_of_text(text.inner()));
        }
        self.spend(1)?;
        if let Some(list) = value.downcast_ref::<CelList<'_>>() {
            return list
                .inner()
                .iter()
                .try_for_each(|item| self.pay(item.as_ref()));
        }
        if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
            let mut entries = map.inner().iter();
            return entries.try_for_each(|(key, item)| {
                self.pay(key.inner())?;
                self.pay(item.as_ref())
            });
        }
        match value
            .downcast_ref::<CelOptional<'_>>()
            .and_then(|optional| optional.inner())
        {
            Some(held) => self.pay(held),
            None => Ok(()),
        }
    }
}

/// How many steps it takes to go over a text.
pub(super) fn steps_of_text(text: &str) -> u64 {
    u64::try_from(text.len() / TEXT_STEP).unwrap_or(u64::MAX)
}

/// The same expression, which pays for what it does.
pub(super) fn paying(expression: IdedExpr) -> IdedExpr {
    let IdedExpr { id, expr } = expression;
    let expr = match expr {
        Expr::Call(call) => Expr::Call(paying_call(call)),
        Expr::Comprehension(comprehension) => {
            Expr::Comprehension(Box::new(loop_that_pays(*comprehension)))
        }
        Expr::List(list) => {
            let optional = list.optional_indices;
            let elements = list
                .elements
                .into_iter()
                .map(|element| paid(paying(element)));
            Expr::List(ListExpr::new_with_optionals(elements.collect(), optional))
        }
        Expr::Map(map) => Expr::Map(paying_map(map)),
        Expr::Select(mut select) => {
            select.operand = Box::new(paying(*select.operand));
            Expr::Select(select)
        }
        other => other,
    };
    IdedExpr { id, expr }
}

fn paying_map(mut map: MapExpr) -> MapExpr {
    for entry in &mut map.entries {
        if let EntryExpr::MapEntry(entry) = &mut entry.expr {
            entry.key = paying(std::mem::take(&mut entry.key));
            entry.value = paid(paying(std::mem::take(&mut entry.value)));
        }
    }
    map
}

fn paying_call(call: CallExpr) -> CallExpr {
    let is_cheap = matches!(
        call.func_name.as_str(),
        operators::CONDITIONAL
            | operators::LOGICAL_AND
            | operators::LOGICAL_OR
            | operators::LOGICAL_NOT
            | operators::NOT_STRICTLY_FALSE
            | operators::INDEX
    );
    let pay = |part: IdedExpr| {
        if is_cheap {
            paying(part)
        } else {
            paid(paying(part))
        }
    };
    let target = call.target.map(|target| {
        // The first half of a name such as `sets.contains` is no value.
        if function::is_namespace(&target.expr) {
            target
        } else {
            Box::new(pay(*target))
        }
    });
    CallExpr {
        func_name: function::in_force(&call.func_name).to_owned(),
        target,
        args: call.args.into_iter().map(pay).collect(),
    }
}

fn loop_that_pays(comprehension: ComprehensionExpr) -> ComprehensionExpr {
    let turn = size(&comprehension.loop_step) + size(&comprehension.loop_cond);
    let range = paying(comprehension.iter_range);
    let id = range.id;
    let turn = IdedExpr {
        id,
        expr: Expr::Literal(LiteralValue::Int(CelInt::from(turn))),
    };
    ComprehensionExpr {
        iter_range: call(TURNS, id, vec![range, turn]),
        accu_init: paying(comprehension.accu_init),
        loop_cond: paying(comprehension.loop_cond),
        loop_step: paying_step(comprehension.loop_step),
        result: paying(comprehension.result),
        ..comprehension
    }
}

/// A step whose outermost operations only add to what was gathered. They keep their shape, by which the
/// interpreter knows not to copy that at each turn.
fn paying_step(step: IdedExpr) -> IdedExpr {
    let IdedExpr { id, expr } = step;
    let expr = match expr {
        Expr::Call(call) if call.func_name == operators::ADD && call.target.is_none() => {
            let args = call.args.into_iter().map(paying).collect();
            Expr::Call(CallExpr { args, ..call })
        }
        Expr::Call(call) if call.func_name == operators::CONDITIONAL => {
            let mut args = call.args.into_iter();
            let condition = args.next().map(paying);
            let args = condition.into_iter().chain(args.map(paying_step)).collect();
            Expr::Call(CallExpr { args, ..call })
        }
        expr => return paying(IdedExpr { id, expr }),
    };
    IdedExpr { id, expr }
}

fn paid(part: IdedExpr) -> IdedExpr {
    match part.expr {
        Expr::Literal(_) => part,
        _ => call(PAY, part.id, vec![part]),
    }
}

fn call(name: &str, id: u64, args: Vec<IdedExpr>) -> IdedExpr {
    let call = CallExpr {
        func_name: name.to_owned(),
        target: None,
        args,
    };
    IdedExpr {
        id,
        expr: Expr::Call(call),
    }
}

/// How deep an expression is nested.
pub(super) fn depth(expression: &IdedExpr) -> usize {
    let deepest = |parts: &[IdedExpr]| parts.iter().map(depth).max().unwrap_or(0);
    1 + match &expression.expr {
        Expr::Call(call) => deepest(&call.args).max(call.target.as_deref().map_or(0, depth)),
        Expr::Comprehension(inner) => {
            let parts = [
                &inner.iter_range,
                &inner.accu_init,
                &inner.loop_cond,
                &inner.loop_step,
                &inner.result,
            ];
            parts.into_iter().map(depth).max().unwrap_or(0)
        }
        Expr::List(list) => deepest(&list.elements),
        Expr::Map(map) => {
            let depths = map.entries.iter().map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => depth(&entry.key).max(depth(&entry.value)),
                EntryExpr::StructField(field) => depth(&field.value),
            });
            depths.max().unwrap_or(0)
        }
        Expr::Select(select) => depth(&select.operand),
        _ => 0,
    }
}

/// How many parts an expression has.
fn size(expression: &IdedExpr) -> i64 {
    let all = |parts: &[IdedExpr]| parts.iter().map(size).sum::<i64>();
    1 + match &expression.expr {
        Expr::Call(call) => call.target.as_deref().map_or(0, size) + all(&call.args),
        Expr::Comprehension(inner) => size(&inner.iter_range) + size(&inner.result),
        Expr::List(list) => all(&list.elements),
        Expr::Map(map) => {
            let sizes = map.entries.iter().map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => size(&entry.key) + size(&entry.value),
                EntryExpr::StructField(field) => size(&field.value),
            });
            sizes.sum()
        }
        Expr::Select(select) => size(&select.operand),
        _ => 0,
    }
}
