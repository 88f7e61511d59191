//! The catalogue: one file per check, its examples beside it, one list per category.

mod compliance;
mod maintainability;
mod monitoring;
mod performance;
mod reliability;
mod scalability;
mod security;

use crate::check::Check;

/// Every check, by category and then by id.
pub fn all() -> impl Iterator<Item = &'static Check> {
    let categories = [
        security::CHECKS,
        reliability::CHECKS,
        performance::CHECKS,
        scalability::CHECKS,
        maintainability::CHECKS,
        compliance::CHECKS,
        monitoring::CHECKS,
    ];
    categories.into_iter().flatten().copied()
}

/// The check with this id.
pub fn find(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

/// The checks whose fixes a policy may have filled in.
pub fn fillable() -> impl Iterator<Item = &'static Check> {
    let categories = [security::FILLABLE, reliability::FILLABLE];
    categories.into_iter().flatten().copied()
}
