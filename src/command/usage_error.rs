//! How is a wrong flag answered? In one line, with clap's own words.

use std::io::Write;

use clap::error::ErrorKind;

use super::Exit;

/// Prints help and version as they are, and an error in one line.
pub(super) fn print(error: &clap::Error) -> Exit {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked_for {
        let _ = error.print();
        return Exit::Holds;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return Exit::Usage;
    }
    let _ = writeln!(std::io::stderr(), "{}", in_one_line(&error.render().to_string()));
    Exit::Usage
}

/// clap writes the error, then tips, then the usage, each behind an empty line.
fn in_one_line(text: &str) -> String {
    let before_usage = text.split("\nUsage:").next().unwrap_or(text);
    let before_usage = before_usage.split("\nFor more information").next().unwrap_or(before_usage);
    let lines: Vec<&str> = before_usage.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    format!("{} (see contend --help)", without_secrets(&lines.join("; ").replace(":; ", ": ")))
}

/// clap repeats what it does not understand, which may be an address with a password in it.
fn without_secrets(line: &str) -> String {
    let words = line.split(' ').map(|word| match (word.find("://"), word.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://...{}", &word[..scheme], &word[at..]),
        _ => match word.find("password=") {
            Some(password) => format!("{}password=...", &word[..password]),
            None => word.to_owned(),
        },
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_repeated() {
        let line = "error: unrecognized subcommand 'postgres://u:hunter2@h/db'; or 'host=h password=hunter2'";
        assert_eq!(
            without_secrets(line),
            "error: unrecognized subcommand 'postgres://...@h/db'; or 'host=h password=..."
        );
    }

    #[test]
    fn the_error_and_its_tip_stay_and_the_rest_goes() {
        let text = "error: unexpected argument '--acounts' found\n\n  tip: a similar argument exists: '--accounts'\n\n\
                    Usage: contend run --accounts <N> [URL]\n\nFor more information, try '--help'.\n";
        assert_eq!(
            in_one_line(text),
            "error: unexpected argument '--acounts' found; tip: a similar argument exists: '--accounts' (see contend --help)"
        );
    }
}
