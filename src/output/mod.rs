//! A list of reports to what people and programs read.

mod findings;
mod style;
mod table;

use std::io::{self, Write as _};

use prodready_engine::api::report_list::ReadinessReportList;

/// How much people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What is wrong and how to mend it.
    Brief,
    /// Also why it matters, what cannot be told, and every count.
    Wide,
}

/// For people: what is wrong, place by place, then a line for each workload, then what it comes to. Styled
/// for a terminal; who writes elsewhere takes the escapes out.
pub fn text(list: &ReadinessReportList, detail: Detail, out: &mut dyn io::Write) -> io::Result<()> {
    findings::write(list, detail, out)?;
    table::write(list, detail, out)
}

/// For programs.
pub fn json(list: &ReadinessReportList, out: &mut dyn io::Write) -> io::Result<()> {
    // A writer of a known type: the serialiser writes a few bytes at a time, millions of times.
    let mut buffered = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut buffered, list)?;
    writeln!(buffered)?;
    buffered.flush()
}

/// For programs and people.
pub fn yaml(list: &ReadinessReportList, out: &mut dyn io::Write) -> io::Result<()> {
    let text = serde_saphyr::to_string(list).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}
