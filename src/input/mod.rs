//! Files, standard input and clusters to workloads and what stands around them; those of files know their line
//! and column.
//!
//! What the text means is decided in [`prodready_manifest`]; here it is found, read and given its name.

mod cluster;
mod documents;
mod error;
mod exceptions;
mod files;
mod kinds;
mod labels;
mod load;
mod policy;
mod source;
#[cfg(test)]
mod tests;

pub use cluster::{Connection, Scope, connect, list, policies, policy};
pub use documents::{Document, Documents, map_sources, parse, parse_all};
pub use error::InputError;
pub use exceptions::add_exceptions;
pub use files::{Gathered, gather};
pub use labels::parse_selector;
pub use load::{Loaded, Place, Subject, load, load_whole};
pub use policy::{policies_in, policies_of};
pub use prodready_manifest::{DeserializeError, Limits, Node, NodeValue, Position, SyntaxError};
pub use source::{STANDARD_INPUT, Source};
