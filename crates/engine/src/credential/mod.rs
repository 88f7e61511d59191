//! Whether something written in a manifest is a credential: by what it is called, and by what it looks
//! like. Every question is answered in one pass; nothing here gives the value back.

mod command;
mod format;
mod literal;
mod name;
mod pairs;
mod text;
mod url;
mod vocabulary;

use std::fmt;

pub use command::{InCommand, in_command};
pub use text::{InText, in_text};

/// How much of a value is looked at. A ConfigMap holds no more than this.
const LONGEST_VALUE: usize = 1024 * 1024;

/// A credential, by how it was told. It never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Credential {
    /// A URL with a password in it.
    Url,
    /// A private key.
    PrivateKey,
    /// A token whose shape is published, with whose it is.
    Token(&'static str),
    /// A value whose name says what it is.
    Named(&'static str),
    /// An assignment within a longer value, with what is assigned.
    Assigned(&'static str),
}

impl fmt::Display for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => formatter.write_str("a URL with a password in it"),
            Self::PrivateKey => formatter.write_str("a private key"),
            Self::Assigned(kind) => write!(formatter, "text with {} in it", WithArticle(kind)),
            Self::Token(kind) | Self::Named(kind) => WithArticle(kind).fmt(formatter),
        }
    }
}

struct WithArticle(&'static str);

impl fmt::Display for WithArticle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = if self.0.starts_with(['a', 'e', 'i', 'o', 'A', 'O']) {
            "an"
        } else {
            "a"
        };
        write!(formatter, "{article} {}", self.0)
    }
}

/// Whether a value with a name, such as an environment variable, is a credential.
///
/// A URL with a password is told before everything else, so that exactly one check reports it.
pub fn in_variable(name: &str, value: &str) -> Option<Credential> {
    let value = within_limit(value);
    in_value(value)
        .or_else(|| pairs::noun(name, value).map(Credential::Named))
        .or_else(|| pairs::find(value, pairs::Values::All).map(Credential::Assigned))
        .or_else(|| text::by_directive(value).map(Credential::Assigned))
}

/// Whether something of this name is a secret, whatever it says.
pub fn is_secret_name(name: &str) -> bool {
    name::named(name).is_some()
}

/// Whether a value is a credential whatever it is called.
fn in_value(value: &str) -> Option<Credential> {
    if url::has_password(value) {
        Some(Credential::Url)
    } else if format::has_private_key(value) {
        Some(Credential::PrivateKey)
    } else {
        format::token(value).map(Credential::Token)
    }
}

fn within_limit(value: &str) -> &str {
    let end = (0..=value.len().min(LONGEST_VALUE))
        .rev()
        .find(|at| value.is_char_boundary(*at))
        .unwrap_or(0);
    &value[..end]
}
