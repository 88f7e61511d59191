//! Bytes to a text with a name.

use std::{fs::File, io::Read, path::Path, string::FromUtf8Error, sync::Arc};

use prodready_manifest::{Limits, Position, SyntaxError};

use super::error::InputError;

/// What standard input is called in results.
pub const STANDARD_INPUT: &str = "stdin";

/// A text and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file as it was named, or found below what was named.
    pub name: Arc<str>,
    /// What it holds.
    pub text: String,
}

/// Reads a file.
pub(super) fn read_file(path: &Path, limits: &Limits) -> Result<Source, InputError> {
    let name = name_of(path);
    match File::open(path) {
        Ok(file) => read(name, file, limits),
        Err(error) => Err(InputError::unreadable(name, &error)),
    }
}

/// Reads to the end, but never much more than a file may hold.
pub(super) fn read(name: String, reader: impl Read, limits: &Limits) -> Result<Source, InputError> {
    let limit = limits.bytes;
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if let Err(error) = reader.take(most).read_to_end(&mut bytes) {
        return Err(InputError::unreadable(name, &error));
    }
    if bytes.len() > limit {
        return Err(InputError::TooLarge { file: name, limit });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source {
            name: name.into(),
            text,
        }),
        Err(error) => Err(InputError::syntax(&name, not_utf_8(&error))),
    }
}

/// Says where a text stops being UTF-8.
fn not_utf_8(error: &FromUtf8Error) -> SyntaxError {
    let bytes = error.as_bytes();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return SyntaxError {
            position: Position::START,
            message: "the file is UTF-16: save it as UTF-8".to_owned(),
        };
    }
    let offset = error.utf8_error().valid_up_to();
    let good = String::from_utf8_lossy(&bytes[..offset]);
    let line = good.bytes().filter(|byte| *byte == b'\n').count();
    let column = good.rsplit('\n').next().unwrap_or_default();
    let from_1 = |count| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    SyntaxError {
        position: Position {
            line: from_1(line),
            column: from_1(column.chars().count()),
        },
        message: format!("byte {offset} of the file is not UTF-8: save the file as UTF-8"),
    }
}

/// How results name a file: as it was named, without a leading `./`.
pub(super) fn name_of(path: &Path) -> String {
    let plain = path.strip_prefix(".").unwrap_or(path);
    let named = if plain.as_os_str().is_empty() {
        path
    } else {
        plain
    };
    named.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{InputError, Limits, Path, Source, name_of, read};

    fn from_bytes(bytes: &[u8]) -> Result<Source, InputError> {
        read("a.yaml".to_owned(), bytes, &Limits::default())
    }

    fn refused(bytes: &[u8]) -> String {
        from_bytes(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_text_above_the_limit_is_refused() {
        let limits = Limits {
            bytes: 4,
            ..Limits::default()
        };
        let read = |reader: &mut dyn io::Read| read("a.yaml".to_owned(), reader, &limits);
        assert_eq!(read(&mut "a: 1".as_bytes()).unwrap().text, "a: 1");
        let said = "a.yaml: larger than 4 bytes, the limit for one file: split it";
        assert_eq!(read(&mut "a: 12".as_bytes()).unwrap_err().to_string(), said);
        let endless = &mut io::repeat(b'a');
        assert_eq!(read(endless).unwrap_err().to_string(), said);
    }

    #[test]
    fn bytes_that_are_no_text_are_placed() {
        assert_eq!(
            refused(b"a: 1\nb: \xc3\xa9\xe9\n"),
            "a.yaml:2:5: byte 10 of the file is not UTF-8: save the file as UTF-8"
        );
        assert_eq!(
            refused(b"\xff\xfea\0:\0"),
            "a.yaml:1:1: the file is UTF-16: save it as UTF-8"
        );
        assert_eq!(from_bytes(b"").unwrap().text, "");
    }

    #[test]
    fn a_file_has_the_name_it_was_given() {
        for (path, name) in [
            ("./deploy/a.yaml", "deploy/a.yaml"),
            ("deploy/a.yaml", "deploy/a.yaml"),
            ("../a.yaml", "../a.yaml"),
            ("/a.yaml", "/a.yaml"),
            (".", "."),
        ] {
            assert_eq!(name_of(Path::new(path)), name);
        }
    }
}
