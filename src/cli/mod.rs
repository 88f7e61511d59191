//! The command line: one file per subcommand.

mod audit;
mod baseline;
mod checks;
mod cluster;
mod crd;
mod doctor;
mod exit;
mod explain;
mod gate;
mod operator;
mod preview;
mod target;
mod version;
mod why;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anstream::ColorChoice;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

pub use exit::{CommandError, Outcome};

/// Judges whether Kubernetes workloads are ready for production, and says what to change.
#[derive(Debug, Parser)]
#[command(
    name = "prodready",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to colour what people read; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    fn choose(self) {
        let choice = match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge files or a cluster, and say what to change
    Audit(Box<audit::AuditArguments>),
    /// Say who would be denied under a policy, before it is applied
    Preview(Box<preview::PreviewArguments>),
    /// Print exceptions for what a policy would deny and was there before it
    Baseline(Box<baseline::BaselineArguments>),
    /// Say what the gate would say now of a workload in the cluster, by which policy, and what to change
    Why(why::WhyArguments),
    /// List the checks, and the rules of a policy's own
    Checks(checks::ChecksArguments),
    /// Explain a check, or a rule of a policy's own: what it sees, why it matters, how to fix it
    Explain(explain::ExplainArguments),
    /// Print the CustomResourceDefinitions
    Crd(crd::CrdArguments),
    /// Watch the cluster, write reports, answer as the gate
    Operator(Box<operator::OperatorArguments>),
    /// Say what is wrong with prodready in a cluster, and what to do
    Doctor(doctor::DoctorArguments),
    /// Look after the gate's configuration
    Gate(gate::GateArguments),
    /// Print the version
    Version,
}

impl Command {
    /// Whether what it prints may hold escapes for a terminal, which are taken out elsewhere letter by letter.
    fn is_styled(&self) -> bool {
        match self {
            Self::Audit(arguments) => arguments.is_styled(),
            _ => true,
        }
    }
}

/// Runs the command line and maps its end to an exit code: 0 all good, 1 findings that fail, 2 an error
/// of usage or input.
pub fn main() -> ExitCode {
    let arguments = arguments();
    arguments.color.choose();
    let stdout: Box<dyn io::Write> = if arguments.command.is_styled() {
        Box::new(anstream::stdout().lock())
    } else {
        Box::new(io::stdout().lock())
    };
    let mut out = io::BufWriter::new(stdout);
    let outcome = run(arguments, &mut out).and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    exit::code(outcome)
}

/// Reads the arguments; under `kubectl prodready` the usage says so.
fn arguments() -> Arguments {
    let as_plugin = std::env::args().next().is_some_and(|program| {
        std::path::Path::new(&program)
            .file_stem()
            .is_some_and(|name| name == "kubectl-prodready")
    });
    let mut command = Arguments::command();
    if as_plugin {
        command = command.bin_name("kubectl prodready");
    }
    let matches = command.get_matches();
    Arguments::from_arg_matches(&matches).unwrap_or_else(|err| err.exit())
}

fn run(arguments: Arguments, out: &mut dyn io::Write) -> Result<Outcome, CommandError> {
    match arguments.command {
        Command::Audit(arguments) => audit::run(&arguments, out),
        Command::Preview(arguments) => preview::run(&arguments, out),
        Command::Baseline(arguments) => baseline::run(&arguments, out),
        Command::Why(arguments) => why::run(&arguments, out),
        Command::Checks(arguments) => checks::run(&arguments, out),
        Command::Explain(arguments) => explain::run(&arguments, out),
        Command::Crd(arguments) => crd::run(&arguments, out),
        Command::Operator(arguments) => operator::run(*arguments),
        Command::Doctor(arguments) => doctor::run(&arguments, out),
        Command::Gate(arguments) => gate::run(&arguments, out),
        Command::Version => version::run(out),
    }
}
