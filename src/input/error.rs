//! Why something that should be judged could not be read.

use std::io;

use prodready_manifest::{DeserializeError, Position, SyntaxError};

/// Why something that should be judged could not be read; the variants differ in what its reader does next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Give access, or correct the name.
    #[error("{file}: cannot be read: {reason}")]
    Unreadable {
        /// The file as it was named.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// Name another directory, or the file itself.
    #[error("{file}: {NOTHING_HERE}")]
    Nothing {
        /// The directory as it was named.
        file: String,
    },
    /// Split the file.
    #[error("{file}: larger than {limit} bytes, the limit for one file: split it")]
    TooLarge {
        /// The file as it was named.
        file: String,
        /// How many bytes a file may have.
        limit: usize,
    },
    /// Correct the text.
    #[error("{file}:{error}")]
    Syntax {
        /// The file as it was named.
        file: String,
        /// What is wrong, and where.
        error: SyntaxError,
    },
    /// Correct the value.
    #[error("{file}:{error}")]
    Field {
        /// The file as it was named.
        file: String,
        /// Which field has the wrong type, and where.
        error: DeserializeError,
    },
}

const NOTHING_HERE: &str = "no .yaml, .yml or .json file is in this directory, hidden and ignored ones aside: \
     name a file to have it read in any case";

impl InputError {
    /// What an attempt to read came to.
    pub(super) fn unreadable(file: String, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "no such file or directory".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        Self::Unreadable { file, reason }
    }

    /// A text that is not what it should be.
    pub(super) fn syntax(file: &str, error: SyntaxError) -> Self {
        let file = file.to_owned();
        Self::Syntax { file, error }
    }

    /// A field of the wrong type. Where the value may be a secret, the error does not repeat it.
    pub(super) fn field(file: &str, error: DeserializeError) -> Self {
        let error = if may_be_secret(&error.path) {
            without_value(error)
        } else {
            error
        };
        let file = file.to_owned();
        Self::Field { file, error }
    }

    /// The file as it was named.
    pub fn file(&self) -> &str {
        match self {
            Self::Unreadable { file, .. }
            | Self::Nothing { file }
            | Self::TooLarge { file, .. }
            | Self::Syntax { file, .. }
            | Self::Field { file, .. } => file,
        }
    }

    /// The line, from 1; none where the file as a whole is meant.
    pub fn line(&self) -> Option<u32> {
        self.position().map(|position| position.line)
    }

    /// The column in characters, from 1; none where the file as a whole is meant.
    pub fn column(&self) -> Option<u32> {
        self.position().map(|position| position.column)
    }

    /// What is wrong, without file, line and column.
    pub fn message(&self) -> String {
        let whole = self.to_string();
        let place = match self.position() {
            Some(position) => format!("{}:{position}: ", self.file()),
            None => format!("{}: ", self.file()),
        };
        match whole.strip_prefix(&place) {
            Some(message) => message.to_owned(),
            None => whole,
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            Self::Unreadable { .. } | Self::Nothing { .. } | Self::TooLarge { .. } => None,
            Self::Syntax { error, .. } => Some(error.position),
            Self::Field { error, .. } => Some(error.position),
        }
    }
}

/// Environment variables and the contents of ConfigMaps and Secrets.
fn may_be_secret(path: &str) -> bool {
    let top = path.split(['.', '[']).next();
    path.ends_with("].value") || matches!(top, Some("data" | "stringData" | "binaryData"))
}

fn without_value(mut error: DeserializeError) -> DeserializeError {
    if let Some(end) = error.message.find(", found ") {
        error.message.truncate(end);
    }
    error
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{DeserializeError, InputError, Position, SyntaxError};

    const AT: Position = Position { line: 7, column: 3 };

    fn field(path: &str) -> InputError {
        let error = DeserializeError {
            position: AT,
            path: path.to_owned(),
            message: "expected text, found the number 4711".to_owned(),
        };
        InputError::field("cart.yaml", error)
    }

    #[test]
    fn file_line_column_and_message_are_the_parts_of_the_text() {
        let error = SyntaxError {
            position: AT,
            message: "this quote is never closed: close it".to_owned(),
        };
        let error = InputError::syntax("deploy/cart.yaml", error);
        assert_eq!(
            error.to_string(),
            "deploy/cart.yaml:7:3: this quote is never closed: close it"
        );
        assert_eq!(error.file(), "deploy/cart.yaml");
        assert_eq!((error.line(), error.column()), (Some(7), Some(3)));
        assert_eq!(error.message(), "this quote is never closed: close it");
    }

    #[test]
    fn a_file_that_cannot_be_read_has_no_line() {
        let refused = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = InputError::unreadable("cart.yaml".to_owned(), &refused);
        assert_eq!(
            error.to_string(),
            "cart.yaml: cannot be read: permission denied"
        );
        assert_eq!((error.line(), error.column()), (None, None));
        assert_eq!(error.message(), "cannot be read: permission denied");
    }

    #[test]
    fn a_wrong_type_names_field_and_value() {
        assert_eq!(
            field("spec.replicas").to_string(),
            "cart.yaml:7:3: spec.replicas: expected text, found the number 4711"
        );
    }

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for path in [
            "spec.template.spec.containers[0].env[2].value",
            "data.password",
            "stringData[\"tls.key\"]",
        ] {
            assert_eq!(field(path).message(), format!("{path}: expected text"));
        }
    }
}
