//! prodready: judges whether Kubernetes workloads are ready for production.

use std::process::ExitCode;

fn main() -> ExitCode {
    prodready::cli::main()
}
