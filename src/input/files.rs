//! Paths to the texts behind them: files, directories and standard input.

use std::{
    collections::HashSet,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use ignore::{DirEntry, WalkBuilder};
use prodready_manifest::Limits;
use rayon::prelude::*;

use super::{
    error::InputError,
    source::{STANDARD_INPUT, Source, name_of, read, read_file},
};

/// What files in a directory end in, if they are to be read.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// What was found behind paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The texts, in the order of the paths, and within a directory in the order of names.
    pub sources: Vec<Source>,
    /// What could not be read.
    pub errors: Vec<InputError>,
}

/// Reads what is behind `paths`. A directory stands for the `*.yaml`, `*.yml` and `*.json` files in and below
/// it that are neither hidden nor ignored by a `.gitignore`; a file for itself, whatever its name; `-` for
/// `stdin`. A file that is reached twice is read once.
pub fn gather(paths: &[PathBuf], limits: &Limits, stdin: &mut dyn Read) -> Gathered {
    let mut places = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let read = read(STANDARD_INPUT.to_owned(), &mut *stdin, limits);
            places.push(Place::Read(read));
        } else if path.is_dir() {
            walk(path, &mut places);
        } else {
            places.push(Place::File(path.clone()));
        }
    }
    if paths.len() > 1 {
        drop_repeated(&mut places);
    }
    places
        .into_par_iter()
        .map(|place| match place {
            Place::File(path) => read_file(&path, limits),
            Place::Read(outcome) => outcome,
        })
        .collect::<Vec<_>>()
        .into_iter()
        .collect()
}

impl FromIterator<Result<Source, InputError>> for Gathered {
    fn from_iter<I: IntoIterator<Item = Result<Source, InputError>>>(outcomes: I) -> Self {
        let mut gathered = Self::default();
        for outcome in outcomes {
            match outcome {
                Ok(source) => gathered.sources.push(source),
                Err(error) => gathered.errors.push(error),
            }
        }
        gathered
    }
}

/// Something on the way to being read.
enum Place {
    File(PathBuf),
    Read(Result<Source, InputError>),
}

/// Adds the manifests in and below a directory. The user's and the clone's own ignore lists do not count, so
/// that the same directory holds the same files everywhere.
fn walk(directory: &Path, places: &mut Vec<Place>) {
    let before = places.len();
    let entries = WalkBuilder::new(directory)
        .require_git(false)
        .git_global(false)
        .git_exclude(false)
        .sort_by_file_name(std::cmp::Ord::cmp)
        .build();
    for entry in entries {
        match entry {
            Ok(entry) if is_manifest(&entry) => places.push(Place::File(entry.into_path())),
            Ok(_) => {}
            Err(error) => places.push(Place::Read(Err(refused(directory, &error)))),
        }
    }
    if places.len() == before {
        let file = name_of(directory);
        places.push(Place::Read(Err(InputError::Nothing { file })));
    }
}

/// A file, or a link to one as in a mounted ConfigMap, with one of the endings.
fn is_manifest(entry: &DirEntry) -> bool {
    let path = entry.path();
    let ending = path.extension().and_then(|ending| ending.to_str());
    let fits = ending.is_some_and(|ending| {
        ENDINGS
            .iter()
            .any(|wanted| wanted.eq_ignore_ascii_case(ending))
    });
    fits && path.is_file()
}

fn refused(directory: &Path, error: &ignore::Error) -> InputError {
    let file = name_of(path_of(error).unwrap_or(directory));
    match error.io_error() {
        Some(error) => InputError::unreadable(file, error),
        None => InputError::Unreadable {
            file,
            reason: error.to_string(),
        },
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}

/// Keeps the first of the files that are one and the same behind their names.
fn drop_repeated(places: &mut Vec<Place>) {
    let mut seen = HashSet::new();
    places.retain(|place| match place {
        Place::File(path) => match fs::canonicalize(path) {
            Ok(real) => seen.insert(real),
            Err(_) => true,
        },
        Place::Read(_) => true,
    });
}

#[cfg(test)]
mod tests {
    use std::{
        fs, io,
        path::{Path, PathBuf},
    };

    use super::{Gathered, Limits, gather};

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        directory
    }

    fn gathered(paths: &[PathBuf]) -> Gathered {
        gather(paths, &Limits::default(), &mut io::empty())
    }

    /// The names below `root`, for comparison.
    fn names(gathered: &Gathered, root: &Path) -> Vec<String> {
        let prefix = format!("{}/", root.display());
        let sources = gathered.sources.iter();
        sources
            .map(|source| source.name.replace(&prefix, ""))
            .collect()
    }

    #[test]
    fn a_directory_stands_for_its_manifests_in_the_order_of_names() {
        let root = written(&[
            ("b.yaml", "b"),
            ("a.yml", "a"),
            ("c/z.json", "{}"),
            ("c/a.YAML", "x"),
            ("readme.md", "# no"),
            (".hidden/x.yaml", "no"),
            ("vendor/x.yaml", "no"),
            ("c/generated.yaml", "no"),
            (".gitignore", "vendor/\ngenerated.yaml\n"),
        ]);
        let found = gathered(&[root.path().to_owned()]);
        assert_eq!(found.errors, []);
        assert_eq!(
            names(&found, root.path()),
            ["a.yml", "b.yaml", "c/a.YAML", "c/z.json"]
        );
        assert_eq!(found, gathered(&[root.path().to_owned()]));
    }

    #[test]
    fn a_file_is_read_whatever_its_name() {
        let root = written(&[("notes.txt", "a: 1"), (".gitignore", "*")]);
        let found = gathered(&[root.path().join("notes.txt")]);
        assert_eq!(names(&found, root.path()), ["notes.txt"]);
        assert_eq!(found.sources[0].text, "a: 1");
    }

    #[test]
    fn a_file_that_is_reached_twice_is_read_once() {
        let root = written(&[("b.yaml", "b"), ("a.yaml", "a")]);
        let found = gathered(&[
            root.path().join("b.yaml"),
            root.path().to_owned(),
            root.path().join("./b.yaml"),
        ]);
        assert_eq!(names(&found, root.path()), ["b.yaml", "a.yaml"]);
    }

    #[test]
    fn standard_input_has_its_place_among_files() {
        let root = written(&[("a.yaml", "a")]);
        let paths = [PathBuf::from("-"), root.path().join("a.yaml")];
        let found = gather(&paths, &Limits::default(), &mut "typed".as_bytes());
        assert_eq!(names(&found, root.path()), ["stdin", "a.yaml"]);
        assert_eq!(found.sources[0].text, "typed");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let root = written(&[("empty/readme.md", "")]);
        let missing = root.path().join("missing.yaml");
        let empty = root.path().join("empty");
        let found = gathered(&[missing.clone(), empty.clone()]);
        assert_eq!(found.sources, []);
        let said: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            said[0],
            format!(
                "{}: cannot be read: no such file or directory",
                missing.display()
            )
        );
        assert!(
            said[1].starts_with(&format!("{}: no .yaml, .yml or .json", empty.display())),
            "{}",
            said[1]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_mounted_config_map_is_read_through_its_links() {
        let root = written(&[("..data/a.yaml", "a"), ("real/b.yaml", "b")]);
        std::os::unix::fs::symlink("..data/a.yaml", root.path().join("a.yaml")).unwrap();
        std::os::unix::fs::symlink("real", root.path().join("loop")).unwrap();
        let found = gathered(&[root.path().to_owned()]);
        assert_eq!(found.errors, []);
        assert_eq!(names(&found, root.path()), ["a.yaml", "real/b.yaml"]);
    }
}
