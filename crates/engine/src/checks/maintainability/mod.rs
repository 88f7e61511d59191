//! Maintainability: names, labels, and where things live.

use crate::check::Check;

mod default_namespace;
mod owner_label;

/// The checks of this category, by id.
pub(super) const CHECKS: &[&Check] = &[&default_namespace::CHECK, &owner_label::CHECK];
