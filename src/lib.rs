//! The shell around the engine: files, clusters, requests and people. It does I/O and nothing else;
//! what is ready and what is not is decided in [`prodready_engine`].

pub mod admin;
pub mod audit;
pub mod cli;
pub mod definitions;
pub mod doctor;
pub mod input;
pub mod operator;
pub mod output;
pub mod partial;
pub mod rights;
pub mod snapshot;
pub mod stop;
pub mod telemetry;
pub mod webhook;
pub mod written;
