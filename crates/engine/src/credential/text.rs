//! Credentials in files: the lines of a properties, ini, env, YAML, JSON, XML, SQL or shell file.

use super::{
    Credential, command, in_value, in_variable,
    literal::unquoted,
    pairs::{self, Values},
    within_limit,
};

/// A credential in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InText {
    /// The line, from 1; none where the file is the value.
    pub line: Option<usize>,
    /// What it holds.
    pub credential: Credential,
}

/// How lines are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Names with values.
    Settings,
    /// Code, where only a quoted text is a value.
    Code,
    /// A shell script.
    Shell,
    /// For people to read: only what can be told by its shape counts.
    Prose,
}

/// Whether a file, or a value with a name, such as an entry of a ConfigMap, has a credential in it: the
/// first that is found.
pub fn in_text(name: &str, value: &str) -> Option<InText> {
    let value = within_limit(value);
    if !value.trim_end().contains('\n')
        && let Some(credential) = in_variable(name, value.trim_end())
    {
        return Some(InText {
            line: None,
            credential,
        });
    }
    let dialect = dialect(name, value);
    value.lines().enumerate().find_map(|(at, line)| {
        let credential = in_line(line.trim(), dialect)?;
        Some(InText {
            line: Some(at + 1),
            credential,
        })
    })
}

fn dialect(name: &str, value: &str) -> Dialect {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "sh" | "bash" => Dialect::Shell,
        "py" | "js" | "mjs" | "ts" | "lua" | "rb" | "go" | "php" | "java" | "groovy" | "sql"
        | "pl" | "tpl" | "tmpl" | "gotmpl" | "vcl" | "rego" | "jsonnet" => Dialect::Code,
        "md" | "html" | "htm" | "css" | "svg" | "rst" => Dialect::Prose,
        _ if value.starts_with("#!")
            && value
                .lines()
                .next()
                .is_some_and(|line| line.ends_with("sh")) =>
        {
            Dialect::Shell
        }
        _ if value.starts_with("#!") => Dialect::Code,
        _ => Dialect::Settings,
    }
}

fn in_line(line: &str, dialect: Dialect) -> Option<Credential> {
    if line.is_empty() || is_comment(line) || names_a_field(line) {
        return None;
    }
    if let Some(credential) = in_value(line) {
        return Some(credential);
    }
    let assigned = match dialect {
        Dialect::Prose => None,
        Dialect::Shell => return command::in_script(line).into_iter().next(),
        Dialect::Code => {
            pairs::find(line, Values::Quoted).or_else(|| setting(line, Values::Quoted))
        }
        Dialect::Settings => setting(line, Values::All)
            .or_else(|| in_xml(line))
            .or_else(|| by_directive(line))
            .or_else(|| pairs::find(line, Values::All)),
    };
    assigned
        .or_else(|| (dialect != Dialect::Prose && in_sql(line)).then_some("password"))
        .map(Credential::Assigned)
}

fn is_comment(line: &str) -> bool {
    ["#", "//", ";", "-- ", "/*", "* ", "<!--", "{{/*", "REM "]
        .iter()
        .any(|start| line.starts_with(start))
}

/// `name: value` and `name = value`, the value up to the end of the line.
fn setting(line: &str, values: Values) -> Option<&'static str> {
    let line = line.trim_start_matches("- ");
    let line = line.strip_prefix("export ").unwrap_or(line);
    let at = line.find([':', '='])?;
    let (name, rest) = (line[..at].trim(), &line[at + 1..]);
    // Without a blank, a colon joins: `host:5432`, `user:rw`.
    let is_joined = line.as_bytes()[at] == b':' && !rest.starts_with([' ', '\t', '"', '\'']);
    if is_joined || rest.starts_with('=') {
        return None;
    }
    let name = unquoted(name);
    let value = without_comment(rest.trim())
        .trim_end_matches([',', ';'])
        .trim();
    let is_quoted = value.starts_with(['"', '\'']);
    let is_expression = !is_quoted && (values == Values::Quoted || is_expression(value));
    if name.contains(char::is_whitespace) || is_expression {
        return None;
    }
    pairs::noun(name, value)
}

/// What follows is structure, an anchor or a call, not a text.
fn is_expression(value: &str) -> bool {
    value.starts_with(['{', '[', '|', '>', '&', '*', '!', '(', '.'])
        || (value.contains('(') && value.ends_with(')'))
}

/// A translation of what people read above an input field: `login.password=Password`.
fn names_a_field(line: &str) -> bool {
    let value = line.split_once(['=', ':']).map_or("", |(_, value)| value);
    matches!(
        unquoted(value.trim().trim_end_matches(',')),
        "Password" | "Secret" | "Token" | "API Key" | "API key" | "Passphrase" | "Credentials"
    )
}

fn without_comment(value: &str) -> &str {
    if value.starts_with(['"', '\'']) {
        let quote = &value[..1];
        let end = value[1..].find(quote).map_or(value.len(), |at| at + 2);
        return &value[..end];
    }
    value.split(" #").next().unwrap_or(value).trim_end()
}

/// `<password>value</password>`.
fn in_xml(line: &str) -> Option<&'static str> {
    let (name, rest) = line.strip_prefix('<')?.split_once('>')?;
    let (value, _) = rest.split_once("</")?;
    pairs::noun(name.split(' ').next()?, value)
}

/// `requirepass value`, as Redis and its kin write it.
pub(super) fn by_directive(line: &str) -> Option<&'static str> {
    let (name, value) = line.split_once(' ')?;
    let is_directive = matches!(name, "requirepass" | "masterauth" | "auth_pass");
    if matches!(name, "machine" | "default") {
        return in_netrc(value);
    }
    let value = value.trim();
    (is_directive && super::literal::is_credential(super::name::Named::Password, value))
        .then_some("password")
}

/// `login user password value`, as `.netrc` goes on after the machine.
fn in_netrc(rest: &str) -> Option<&'static str> {
    let (_, login) = rest.split_once("login ")?;
    let (_, value) = login.split_once(" password ")?;
    let value = value.split_whitespace().next()?;
    super::literal::is_credential(super::name::Named::Password, value).then_some("password")
}

/// `IDENTIFIED BY 'value'` and `PASSWORD 'value'`.
pub(super) fn in_sql(line: &str) -> bool {
    [
        "identified by '",
        "password '",
        "identified by \"",
        "password \"",
    ]
    .iter()
    .any(|start| {
        let at = line
            .as_bytes()
            .windows(start.len())
            .position(|part| part.eq_ignore_ascii_case(start.as_bytes()));
        let rest = at.and_then(|at| line.get(at + start.len()..));
        let value = rest.and_then(|rest| rest.split(['\'', '"']).next());
        value.is_some_and(|value| {
            !value.starts_with('$')
                && super::literal::is_credential(super::name::Named::Password, value)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Credential, InText, in_text};

    fn line(name: &str, text: &str) -> Option<usize> {
        in_text(name, text).and_then(|found| found.line)
    }

    #[test]
    fn every_common_format_is_read() {
        assert_eq!(
            line("app.properties", "a=b\nspring.datasource.password=s3cret\n"),
            Some(2)
        );
        assert_eq!(
            line(
                "app.yaml",
                "db:\n  user: shop\n  password: \"s3cret\" # local\n"
            ),
            Some(3)
        );
        assert_eq!(
            line("app.json", "{\n  \"clientSecret\": \"abc123\",\n}\n"),
            Some(2)
        );
        assert_eq!(
            line("redis.conf", "port 6379\nrequirepass s3cret\n"),
            Some(2)
        );
        assert_eq!(
            line(
                "netrc",
                "machine a.example.com login bot password $(TOKEN)\nmachine b.example.com login bot password s3cret\n"
            ),
            Some(2)
        );
        assert_eq!(
            line(
                "config.json",
                "{\"auths\":{\"a.example.com\":{\n\"auth\": \"Ym90OnMzY3JldA==\"}}}\n"
            ),
            Some(2)
        );
        assert_eq!(
            line("users.xml", "<users>\n<password>s3cret</password>\n"),
            Some(2)
        );
        assert_eq!(
            line(
                "init.sql",
                "SELECT 1;\nCREATE USER shop WITH PASSWORD 's3cret';\n"
            ),
            Some(2)
        );
        assert_eq!(line("run.sh", "set -e\nexport TOKEN=abc123def\n"), Some(2));
        assert_eq!(
            line("settings.py", "import os\nSECRET_KEY = 'abc123def'\n"),
            Some(2)
        );
    }

    #[test]
    fn comments_expressions_and_references_are_passed_by() {
        for (name, text) in [
            ("app.yaml", "# password: s3cret\npassword: ${DB_PASSWORD}\n"),
            (
                "app.yaml",
                "secret:\n  name: shop\npasswordSecretRef: {name: shop, key: password}\n",
            ),
            (
                "settings.py",
                "password = os.environ['PASSWORD']\ntoken = read_token()\n",
            ),
            (
                "run.sh",
                "PASSWORD=$(cat /run/secret)\nif [ -z \"$TOKEN\" ]; then exit 1; fi\n",
            ),
            (
                "de.properties",
                "login.password=Password\nlogin.forgotPassword=Forgot it?\n",
            ),
            (
                "postgresql.conf",
                "password_encryption = 'scram-sha-256'\nport = 5432\n",
            ),
        ] {
            assert_eq!(in_text(name, text), None, "{name}: {text}");
        }
    }

    #[test]
    fn a_single_value_is_named_by_its_key() {
        assert_eq!(
            in_text("DB_PASSWORD", "s3cret"),
            Some(InText {
                line: None,
                credential: Credential::Named("password")
            })
        );
        assert_eq!(in_text("DB_HOST", "db.shop.svc"), None);
    }
}
