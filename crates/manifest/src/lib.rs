//! Manifests as positioned trees: text in, nodes with line and column out.
//!
//! Plain scalars mean here what they mean to kubectl (`0644` is 420, `yes` is
//! true), and a node deserializes as strictly as the API server does (`1` is no
//! text). Nothing in this crate reads a file or a stream.

mod access;
mod deserialize;
mod json;
mod merge;
mod node;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;
mod yaml;

pub use deserialize::DeserializeError;
pub use node::{Key, Node, NodeValue, Position};
pub use syntax::SyntaxError;
pub use yaml::{Limits, Parsed, decode, objects, parse};
