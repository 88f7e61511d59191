//! Public naming habits, each with whether its value is a credential. Written by hand, before the
//! program was asked; tokens are written in pieces, so that scanners leave these files alone.

mod common;
mod connections;
mod platforms;
mod services;
mod settings;

/// Name, value, and whether that is a credential.
pub(super) type Habit = (&'static str, &'static str, bool);

/// A credential.
const YES: bool = true;
/// None.
const NO: bool = false;

/// Every habit.
pub(super) fn habits() -> Vec<Habit> {
    [
        common::COMMON,
        connections::CONNECTIONS,
        platforms::PLATFORMS,
        services::SERVICES,
        settings::SETTINGS,
    ]
    .concat()
}
