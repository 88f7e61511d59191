//! `make bench`: each figure beside its baseline, taken in the same run on the same machine.
//!
//! `cargo bench --bench figures -- files checks gate operator` takes the parts that are named, or all.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for people: it prints, and ends where it cannot go on"
)]

mod checks;
#[path = "../corpus/mod.rs"]
mod corpus;
mod files;
mod gate;
mod measure;
mod operator;

use measure::Figures;

/// The seed of the corpus, so that figures of two runs are about the same objects.
const SEED: u64 = 7;

fn main() {
    let named: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    let mut figures = Figures::default();
    if wanted("files") {
        files::measure(&mut figures);
    }
    if wanted("checks") {
        checks::measure(&mut figures);
    }
    if wanted("gate") {
        gate::measure(&mut figures);
    }
    if wanted("operator") {
        operator::measure(&mut figures);
    }
    println!("{figures}");
    figures.write_json();
}
