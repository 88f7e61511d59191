//! `quantity`: amounts such as `100m` and `128Mi` (k8s.io/apiserver/pkg/cel/library/quantity.go).
#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the interpreter hands out references"
)]

use std::cmp::Ordering;

use cel::{
    DeclarationError, Env, ExecutionError, add_member_overload, add_overload,
    common::types::{CelBool, CelDouble, CelInt, CelString},
};

use super::opaque;
use crate::object::Quantity;

const NANOS: i128 = 1_000_000_000;

/// An amount in billionths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Amount(i128);

opaque!(Amount, "kubernetes.Quantity");

pub(super) fn add(environment: &mut Env) -> Result<(), DeclarationError> {
    add_overload!(environment, fn quantity: (CelString) -> Result<Amount>)?;
    add_overload!(environment, fn is_quantity: (CelString) -> CelBool)?;
    add_member_overload!(environment, fn is_greater_than: (Amount, Amount) -> CelBool)?;
    add_member_overload!(environment, fn is_less_than: (Amount, Amount) -> CelBool)?;
    add_member_overload!(environment, fn compare_to: (Amount, Amount) -> CelInt)?;
    add_member_overload!(environment, fn is_integer: (Amount) -> CelBool)?;
    add_member_overload!(environment, fn as_integer: (Amount) -> Result<CelInt>)?;
    add_member_overload!(environment, fn as_approximate_float: (Amount) -> CelDouble)?;
    add_member_overload!(environment, fn sign: (Amount) -> CelInt)?;
    add_member_overload!(environment, fn plus: (Amount, Amount) -> Result<Amount>, name = "add")?;
    add_member_overload!(environment, fn plus_whole: (Amount, CelInt) -> Result<Amount>, name = "add")?;
    add_member_overload!(environment, fn minus: (Amount, Amount) -> Result<Amount>, name = "sub")?;
    add_member_overload!(environment, fn minus_whole: (Amount, CelInt) -> Result<Amount>, name = "sub")
}

fn quantity(text: &CelString<'_>) -> Result<Amount, ExecutionError> {
    let parsed = Quantity::parse(text.inner());
    let parsed = parsed.map_err(|_| ExecutionError::function_error("quantity", "not a quantity"));
    parsed.map(|quantity| Amount(quantity.nanos()))
}

fn is_quantity(text: &CelString<'_>) -> CelBool {
    Quantity::parse(text.inner()).is_ok().into()
}

fn is_greater_than(this: &Amount, other: &Amount) -> CelBool {
    (this > other).into()
}

fn is_less_than(this: &Amount, other: &Amount) -> CelBool {
    (this < other).into()
}

fn compare_to(this: &Amount, other: &Amount) -> CelInt {
    sign_of(this.cmp(other))
}

fn sign(this: &Amount) -> CelInt {
    sign_of(this.0.cmp(&0))
}

fn sign_of(ordering: Ordering) -> CelInt {
    CelInt::from(ordering as i64)
}

fn is_integer(this: &Amount) -> CelBool {
    whole(this).is_some().into()
}

fn as_integer(this: &Amount) -> Result<CelInt, ExecutionError> {
    let whole = whole(this);
    let whole =
        whole.ok_or_else(|| ExecutionError::function_error("asInteger", "not a whole number"));
    whole.map(CelInt::from)
}

fn whole(this: &Amount) -> Option<i64> {
    (this.0 % NANOS == 0)
        .then(|| i64::try_from(this.0 / NANOS).ok())
        .flatten()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the function's name says that it is approximate"
)]
fn as_approximate_float(this: &Amount) -> CelDouble {
    CelDouble::from(this.0 as f64 / NANOS as f64)
}

fn plus(this: &Amount, other: &Amount) -> Result<Amount, ExecutionError> {
    bounded("add", this.0.checked_add(other.0))
}

fn plus_whole(this: &Amount, other: &CelInt) -> Result<Amount, ExecutionError> {
    bounded(
        "add",
        this.0.checked_add(i128::from(*other.inner()) * NANOS),
    )
}

fn minus(this: &Amount, other: &Amount) -> Result<Amount, ExecutionError> {
    bounded("sub", this.0.checked_sub(other.0))
}

fn minus_whole(this: &Amount, other: &CelInt) -> Result<Amount, ExecutionError> {
    bounded(
        "sub",
        this.0.checked_sub(i128::from(*other.inner()) * NANOS),
    )
}

fn bounded(function: &str, nanos: Option<i128>) -> Result<Amount, ExecutionError> {
    let nanos = nanos.ok_or_else(|| ExecutionError::function_error(function, "too large"));
    nanos.map(Amount)
}
