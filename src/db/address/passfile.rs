//! Which password does the password file have for a server? `~/.pgpass` (34.16), a line for each:
//! `host:port:database:user:password`.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// The lines of a password file.
pub(super) struct PasswordFile {
    pub(super) path: PathBuf,
    text: String,
}

impl PasswordFile {
    /// Reads a file. One that is not there is no reason for a word; one that cannot be used is left aside with a note.
    pub(super) fn read(path: PathBuf, notes: &mut Vec<String>) -> Option<Self> {
        let name = path.display();
        let ignored = |why: &str| Err(format!("the password file {name} is ignored: {why}"));
        let text = match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => ignored(&error.to_string()),
            Ok(metadata) if !metadata.is_file() => ignored("it is not a plain file"),
            Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
                ignored("others than its owner may use it (chmod 600 makes it private)")
            }
            Ok(_) => fs::read_to_string(&path).or_else(|error| ignored(&error.to_string())),
        };
        match text {
            Ok(text) => Some(Self { path, text }),
            Err(note) => {
                notes.push(note);
                None
            }
        }
    }

    /// The password of the first line that fits. A server may go by several names.
    pub(super) fn password(&self, hosts: &[&str], port: u16, database: &str, user: &str) -> Option<String> {
        let port = port.to_string();
        let wanted: [&[&str]; 4] = [hosts, &[&port], &[database], &[user]];
        let fits = |line: &&str| {
            let mut rest = Some(*line);
            let all = wanted.iter().all(|names| {
                let field = rest.map(split_field);
                rest = field.and_then(|(_, behind)| behind);
                field.is_some_and(|(field, _)| field == "*" || names.contains(&unescaped(field).as_str()))
            });
            all && rest.is_some()
        };
        let lines = self.text.lines().filter(|line| !line.starts_with('#'));
        let line = lines.into_iter().find(fits)?;
        let password = (0..wanted.len()).try_fold(line, |rest, _| split_field(rest).1)?;
        Some(unescaped(split_field(password).0)).filter(|password| !password.is_empty())
    }
}

/// What stands in front of the next colon, and behind it, if there is one. A backslash takes a colon's meaning away.
fn split_field(line: &str) -> (&str, Option<&str>) {
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            ':' => return (&line[..at], Some(&line[at + 1..])),
            _ => {}
        }
    }
    (line, None)
}

fn unescaped(field: &str) -> String {
    let mut plain = String::new();
    let mut letters = field.chars();
    while let Some(letter) = letters.next() {
        // A backslash at the very end stands for itself.
        plain.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str, host: &str) -> Option<String> {
        let file = PasswordFile { path: PathBuf::new(), text: text.to_owned() };
        file.password(&[host], 5432, "bank", "me")
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# h:5432:bank:me:comment\n\nh:5433:bank:me:port\nh:5432:other:me:base\nh:5432:bank:you:user\n\
                    h:5432:bank:me:right\n*:*:*:*:any\n";
        assert_eq!(password(text, "h").as_deref(), Some("right"));
        assert_eq!(password(text, "elsewhere").as_deref(), Some("any"));
    }

    #[test]
    fn a_backslash_takes_the_meaning_of_a_colon_and_of_itself() {
        assert_eq!(password("\\:\\:1:*:bank:me:a\\:b\\\\c:d", "::1").as_deref(), Some("a:b\\c"));
        assert_eq!(password("::1:*:bank:me:x", "::1"), None);
        assert_eq!(password("h:*:*:*:end\\", "h").as_deref(), Some("end\\"));
    }

    #[test]
    fn a_line_with_too_few_fields_and_an_empty_password_are_none() {
        assert_eq!(password("*:*:*:*", "h"), None);
        assert_eq!(password("*:*:*:*:", "h"), None);
        assert_eq!(password("**:*:*:*:x", "h"), None);
    }
}
