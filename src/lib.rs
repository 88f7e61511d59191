//! The shell around the engine: files, clusters, requests and people. It does I/O and nothing else;
//! what is ready and what is not is decided in [`prodready_engine`].

pub mod cli;
