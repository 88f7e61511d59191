//! Credentials in command lines: a container's `command` and `args`, and the scripts within them.

use super::{
    Credential, format, in_value,
    literal::is_credential,
    name::Named,
    pairs::{self, Values},
    text, url, within_limit,
};

/// A credential in a command line, which may be a script in one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InCommand {
    /// The argument's position in the line.
    pub position: usize,
    /// What it holds.
    pub credential: Credential,
}

/// How a program takes a password by a short option.
struct Client {
    programs: &'static [&'static str],
    option: &'static str,
    takes: Takes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// `-pVALUE`.
    Attached,
    /// `-p VALUE`.
    Next,
    /// `-u user:VALUE`.
    Login,
}

const CLIENTS: &[Client] = &[
    Client {
        programs: &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlcheck",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
            "sshpass",
        ],
        option: "-p",
        takes: Takes::Attached,
    },
    Client {
        programs: &[
            "mongo",
            "mongosh",
            "mongodump",
            "mongorestore",
            "mongoexport",
            "mongoimport",
            "cqlsh",
            "rabbitmqadmin",
            "sshpass",
            "login",
        ],
        option: "-p",
        takes: Takes::Next,
    },
    Client {
        programs: &["redis-cli", "valkey-cli"],
        option: "-a",
        takes: Takes::Next,
    },
    Client {
        programs: &[
            "ldapsearch",
            "ldapadd",
            "ldapmodify",
            "ldapwhoami",
            "ldapdelete",
        ],
        option: "-w",
        takes: Takes::Next,
    },
    Client {
        programs: &["sqlcmd", "bcp", "mosquitto_pub", "mosquitto_sub"],
        option: "-P",
        takes: Takes::Next,
    },
    Client {
        programs: &["curl"],
        option: "-u",
        takes: Takes::Login,
    },
    Client {
        programs: &["curl"],
        option: "--user",
        takes: Takes::Login,
    },
];

/// The credentials in a command line, each kind once per argument.
pub fn in_command<'a>(line: impl IntoIterator<Item = &'a str>) -> Vec<InCommand> {
    let mut found = Vec::new();
    let mut words = Words::default();
    for (position, argument) in line.into_iter().enumerate() {
        let argument = within_limit(argument);
        let credentials = if argument.contains(char::is_whitespace) {
            let mut inside = in_script(argument);
            inside.extend(words.next(argument));
            inside
        } else {
            words.next(argument).into_iter().collect()
        };
        found.extend(credentials.into_iter().map(|credential| InCommand {
            position,
            credential,
        }));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The credentials in a script.
pub(super) fn in_script(script: &str) -> Vec<Credential> {
    let mut found = Vec::new();
    for command in commands(script) {
        let mut words = Words::default();
        found.extend(command.iter().filter_map(|word| words.next(word)));
    }
    // What spans several words, such as a header or a key.
    let spanning = in_value(script).filter(|credential| *credential != Credential::Url);
    found.extend(spanning);
    found
}

/// What has been read of one command.
#[derive(Default)]
struct Words<'a> {
    before: [&'a str; 2],
    /// Which of [`CLIENTS`] were named.
    named: [bool; CLIENTS.len()],
}

impl<'a> Words<'a> {
    /// What the next word holds.
    fn next(&mut self, word: &'a str) -> Option<Credential> {
        let found = self.judge(word);
        let program = word.rsplit('/').next().unwrap_or_default();
        for (named, client) in self.named.iter_mut().zip(CLIENTS) {
            *named |= client.programs.contains(&program);
        }
        self.before = [self.before[1], word];
        found
    }

    fn judge(&self, word: &str) -> Option<Credential> {
        if url::has_password(word) {
            return Some(Credential::Url);
        }
        if format::has_private_key(word) {
            return Some(Credential::PrivateKey);
        }
        if let Some(kind) = format::token(word) {
            return Some(Credential::Token(kind));
        }
        if text::in_sql(word) {
            return Some(Credential::Assigned("password"));
        }
        // What the shell fills in is no literal.
        if word.contains('$') {
            return None;
        }
        self.by_option(word)
            .map(Credential::Named)
            .or_else(|| pairs::find(word, Values::All).map(Credential::Assigned))
    }

    /// What the word before, or the start of this one, says that it is.
    fn by_option(&self, word: &str) -> Option<&'static str> {
        let [earlier, option] = self.before;
        let is_option = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_long =
            option.starts_with('-') && option.bytes().all(is_option) && !word.starts_with('-');
        let by_name = is_long.then(|| pairs::noun(option.trim_start_matches('-'), word));
        let is_password = |value: &str| is_credential(Named::Password, value);
        let by_client = self.clients().any(|client| match client.takes {
            Takes::Attached => word
                .strip_prefix(client.option)
                .is_some_and(|value| !value.starts_with('-') && is_password(value)),
            Takes::Next => option == client.option && is_password(word),
            Takes::Login => {
                let password = word.split_once(':').map(|(_, password)| password);
                option == client.option && password.is_some_and(is_password)
            }
        });
        let is_openssl = word.strip_prefix("pass:").is_some_and(is_password);
        let is_account = matches!(earlier, "add_user" | "change_password") && is_password(word);
        by_name
            .flatten()
            .or_else(|| (by_client || is_openssl || is_account).then_some("password"))
    }

    fn clients(&self) -> impl Iterator<Item = &'static Client> {
        let named = CLIENTS.iter().zip(self.named);
        named
            .filter(|(_, is_named)| *is_named)
            .map(|(client, _)| client)
    }
}

/// A script's commands in words, without quotes and comments. Substitutions stay in their words.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word = String::new();
    let mut quote = None;
    let mut is_comment = false;
    for letter in script.chars() {
        match (quote, letter) {
            (_, '\n') if is_comment => is_comment = false,
            _ if is_comment => {}
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#') if word.is_empty() => is_comment = true,
            (None, '\n' | ';' | '|') => {
                end_word(&mut commands, &mut word);
                commands.push(Vec::new());
            }
            (None, _) if letter.is_whitespace() || letter == '\\' => {
                end_word(&mut commands, &mut word);
            }
            _ => word.push(letter),
        }
    }
    end_word(&mut commands, &mut word);
    commands
}

fn end_word(commands: &mut [Vec<String>], word: &mut String) {
    if let Some(command) = commands.last_mut().filter(|_| !word.is_empty()) {
        command.push(std::mem::take(word));
    }
}

#[cfg(test)]
mod tests {
    use super::{Credential, in_command};

    fn found(line: &[&str]) -> Vec<(usize, Credential)> {
        in_command(line.iter().copied())
            .into_iter()
            .map(|found| (found.position, found.credential))
            .collect()
    }

    #[test]
    fn options_name_what_comes_next() {
        assert_eq!(
            found(&["server", "--password", "s3cret"]),
            [(2, Credential::Named("password"))]
        );
        assert_eq!(
            found(&["server", "--token=abc123def"]),
            [(1, Credential::Assigned("token"))]
        );
        assert_eq!(found(&["server", "--password", "--verbose"]), []);
        assert_eq!(found(&["server", "--token-file", "/run/token"]), []);
        assert_eq!(found(&["server", "--password", "$(DB_PASSWORD)"]), []);
    }

    #[test]
    fn short_options_count_for_known_clients_only() {
        assert_eq!(
            found(&["mysql", "-uroot", "-ps3cret"]),
            [(2, Credential::Named("password"))]
        );
        assert_eq!(
            found(&["/usr/bin/redis-cli", "-a", "s3cret"]),
            [(2, Credential::Named("password"))]
        );
        assert_eq!(found(&["nginx", "-p", "prefix"]), []);
        assert_eq!(found(&["mysql", "-p", "shop"]), []);
    }

    #[test]
    fn scripts_are_read_word_by_word() {
        let script = "set -e\nexport PGPASSWORD='s3cret'; psql -h db # password=x\n";
        assert_eq!(
            found(&["sh", "-c", script]),
            [(2, Credential::Assigned("password"))]
        );
        let harmless =
            "mysql -p\"$MYSQL_ROOT_PASSWORD\" -e 'select 1'; export TOKEN=$(cat /run/token)";
        assert_eq!(found(&["sh", "-c", harmless]), []);
    }
}
