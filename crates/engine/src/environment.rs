//! What a container's environment says: variables written down, and those that ConfigMaps bring.
//!
//! A later entry of `env` wins over an earlier one, and `env` over `envFrom` (Container v1). Values of Secrets are
//! never known.

use std::borrow::Cow;

use crate::{
    object::{Container, Pointer, Workload},
    surroundings::{Seen, Surroundings},
};

/// A variable whose value is known.
#[derive(Clone, Debug)]
pub struct Variable<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its value.
    pub value: &'a str,
    /// The ConfigMap that says it, where it is not written down in the workload.
    pub config_map: Option<&'a str>,
    container: Container<'a>,
    said: Said,
}

/// The entry that says a variable, by its position.
#[derive(Clone, Copy, Debug)]
enum Said {
    Env(usize),
    EnvFrom(usize),
}

impl Variable<'_> {
    /// Where it is said in the workload.
    pub fn pointer(&self) -> Pointer {
        match (self.said, self.config_map) {
            (Said::Env(index), None) => self.container.at(&format!("/env/{index}/value")),
            (Said::Env(index), Some(_)) => self.container.at(&format!("/env/{index}")),
            (Said::EnvFrom(index), _) => self.container.at(&format!("/envFrom/{index}")),
        }
    }

    /// `LOG_LEVEL` or `LOG_LEVEL of ConfigMap settings`.
    pub fn title(&self) -> String {
        match self.config_map {
            None => self.name.to_string(),
            Some(map) => format!("{} of ConfigMap {map}", self.name),
        }
    }
}

/// The variables of a container whose values are known; each name once, with the value that wins.
pub fn variables<'a>(container: &Container<'a>, around: &Surroundings<'a>) -> Vec<Variable<'a>> {
    let mut found: Vec<Variable<'a>> = Vec::new();
    for (index, from) in container.spec.env_from.iter().enumerate() {
        let Some(source) = &from.config_map_ref else {
            continue;
        };
        let Some(map) = around.config_map(&source.name).known().flatten() else {
            continue;
        };
        let prefix = from.prefix.as_deref().unwrap_or_default();
        found.extend(map.data.iter().map(|(key, value)| Variable {
            name: prefixed(prefix, key),
            value,
            config_map: Some(&map.metadata.name),
            container: *container,
            said: Said::EnvFrom(index),
        }));
    }
    for (index, variable) in container.spec.env.iter().enumerate() {
        // Whatever it says, it hides what was said before.
        found.retain(|earlier| earlier.name != variable.name);
        if let Some(value) = &variable.value {
            found.push(Variable {
                name: Cow::Borrowed(&variable.name),
                value,
                config_map: None,
                container: *container,
                said: Said::Env(index),
            });
            continue;
        }
        let reference = variable.value_from.as_ref();
        let Some(key) = reference.and_then(|from| from.config_map_key_ref.as_ref()) else {
            continue;
        };
        let map = around.config_map(&key.name).known().flatten();
        if let Some((map, value)) = map.and_then(|map| Some((map, map.data.get(&key.key)?))) {
            found.push(Variable {
                name: Cow::Borrowed(&variable.name),
                value,
                config_map: Some(&map.metadata.name),
                container: *container,
                said: Said::Env(index),
            });
        }
    }
    found
}

fn prefixed<'a>(prefix: &str, key: &'a str) -> Cow<'a, str> {
    if prefix.is_empty() {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(format!("{prefix}{key}"))
    }
}

/// The names of all variables that are written down, whatever their values.
pub fn names<'a>(container: &Container<'a>) -> impl Iterator<Item = &'a str> {
    container
        .spec
        .env
        .iter()
        .map(|variable| variable.name.as_str())
}

/// Whether a workload's environment names something that is meant, or why that cannot be told: a Secret, or a ConfigMap
/// that was not seen, may bring it.
pub fn any_name(
    workload: &Workload,
    around: &Surroundings<'_>,
    is_meant: impl Fn(&str) -> bool,
) -> Seen<bool> {
    let mut hidden = None;
    for container in workload.planned_containers() {
        if names(&container).any(&is_meant) {
            return Seen::Known(true);
        }
        for from in &container.spec.env_from {
            if let Some(source) = &from.secret_ref {
                hidden = hidden.or(Some(format!("Secret {} is not read", source.name)));
            }
            let Some(source) = &from.config_map_ref else {
                continue;
            };
            match around.config_map(&source.name) {
                Seen::Known(Some(map)) => {
                    let prefix = from.prefix.as_deref().unwrap_or_default();
                    let mut keys = map.data.keys();
                    if keys.any(|key| is_meant(&format!("{prefix}{key}"))) {
                        return Seen::Known(true);
                    }
                }
                Seen::Known(None) => {}
                Seen::NotSeen(why) => hidden = hidden.or(Some(why)),
            }
        }
    }
    match hidden {
        Some(why) => Seen::NotSeen(why),
        None => Seen::Known(false),
    }
}

/// Whether a setting says yes.
pub fn switched_on(value: &str) -> bool {
    let value = value.trim();
    ["true", "1", "yes", "on", "enabled"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(value))
}

/// Whether a variable says how a database is reached.
pub fn is_database(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let by_value = [
        "postgres://",
        "postgresql://",
        "mysql://",
        "mariadb://",
        "jdbc:",
        "mongodb://",
        "sqlserver://",
    ]
    .iter()
    .any(|scheme| value.starts_with(scheme));
    let by_name = [
        "DATABASE_URL",
        "DB_HOST",
        "DATABASE_HOST",
        "PGHOST",
        "POSTGRES_HOST",
        "MYSQL_HOST",
        "SPRING_DATASOURCE_URL",
    ]
    .iter()
    .any(|known| name.ends_with(known));
    by_value || by_name
}

/// Whether a setting says no.
pub fn switched_off(value: &str) -> bool {
    let value = value.trim();
    ["false", "0", "no", "off", "disabled", "none"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(value))
}

/// The value of a flag such as `--log-level=debug` or `--log-level debug` among command and arguments, and where it
/// stands. A flag without a value has an empty one.
pub fn flag<'a>(container: &Container<'a>, names: &[&str]) -> Option<(&'a str, Pointer)> {
    let spec = container.spec;
    for (list, words) in [("command", &spec.command), ("args", &spec.args)] {
        for (index, word) in words.iter().enumerate() {
            let at = |index: usize| container.at(&format!("/{list}/{index}"));
            if names.contains(&word.as_str()) {
                let next = words.get(index + 1).map(String::as_str);
                let value = next.filter(|next| !next.starts_with('-'));
                return Some((value.unwrap_or_default(), at(index)));
            }
            let written = word.split_once('=');
            if let Some((_, value)) = written.filter(|(name, _)| names.contains(name)) {
                return Some((value, at(index)));
            }
        }
    }
    None
}
