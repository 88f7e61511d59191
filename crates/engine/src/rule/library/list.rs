//! Functions of lists (k8s.io/apiserver/pkg/cel/library/lists.go).
#![expect(
    clippy::needless_pass_by_value,
    reason = "the interpreter hands its values over"
)]

use std::cmp::Ordering;

use cel::{
    DeclarationError, Env, ExecutionError,
    common::{
        types::{CelBool, CelInt, CelList, LIST_TYPE},
        value::{CowVal, Val},
    },
};

type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

pub(super) fn add(environment: &mut Env) -> Result<(), DeclarationError> {
    let functions: [(&str, cel::common::functions::Function); 4] = [
        ("isSorted", is_sorted),
        ("sum", sum),
        ("min", min),
        ("max", max),
    ];
    for (name, function) in functions {
        let id = format!("list.{name}()");
        environment.add_member_overload(name, &id, LIST_TYPE, vec![], function)?;
    }
    Ok(())
}

fn items<'b, 'v>(
    args: &'b [CowVal<'_, 'v>],
    name: &str,
) -> Result<&'b [Box<dyn Val + 'v>], ExecutionError> {
    let list = args
        .first()
        .and_then(|list| list.as_ref().downcast_ref::<CelList<'v>>());
    let list = list.ok_or_else(|| ExecutionError::function_error(name, "not a list"))?;
    Ok(list.inner())
}

fn is_sorted<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let items = items(&args, "isSorted")?;
    let mut pairs = items.windows(2);
    let sorted = pairs.try_fold(true, |sorted, pair| match pair {
        [one, next] => {
            compare(one.as_ref(), next.as_ref()).map(|order| sorted && order != Ordering::Greater)
        }
        _ => Ok(sorted),
    })?;
    Ok(CowVal::owned(CelBool::from(sorted)))
}

/// The sum of none is 0.
fn sum<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    let items = items(&args, "sum")?;
    let Some((first, rest)) = items.split_first() else {
        return Ok(CowVal::owned(CelInt::from(0_i64)));
    };
    let mut total = first.clone_as_boxed();
    for item in rest {
        let adder = total.as_adder();
        let adder = adder.ok_or_else(|| ExecutionError::function_error("sum", "not numbers"))?;
        let next = adder.add(item.as_ref())?.into_owned();
        total = next;
    }
    Ok(CowVal::Owned(total))
}

fn min<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    extreme(&args, "min", Ordering::Less)
}

fn max<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Outcome<'b, 'v> {
    extreme(&args, "max", Ordering::Greater)
}

fn extreme<'b, 'v>(args: &[CowVal<'b, 'v>], name: &str, wanted: Ordering) -> Outcome<'b, 'v> {
    let items = items(args, name)?;
    let (first, rest) = items
        .split_first()
        .ok_or_else(|| ExecutionError::function_error(name, "an empty list has none"))?;
    let mut best = first;
    for item in rest {
        if compare(item.as_ref(), best.as_ref())? == wanted {
            best = item;
        }
    }
    Ok(CowVal::Owned(best.clone_as_boxed()))
}

fn compare(one: &dyn Val, other: &dyn Val) -> Result<Ordering, ExecutionError> {
    let comparer = one.as_comparer();
    let comparer =
        comparer.ok_or_else(|| ExecutionError::function_error("compare", "without an order"))?;
    comparer.compare(other)
}
