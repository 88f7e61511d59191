//! `prodready version`.

use std::io;

use prodready_engine::{checks, score::SCORING_VERSION};

use super::{CommandError, Outcome};

pub(super) fn run(out: &mut dyn io::Write) -> Result<Outcome, CommandError> {
    writeln!(out, "prodready {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(
        out,
        "scoring version {SCORING_VERSION}, {} checks",
        checks::all().count()
    )?;
    Ok(Outcome::Good)
}
