//! What does a service stand for? A section of a service file (34.17).

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::AddressError;
use super::keyword::{Keyword, unknown};
use super::settings::Settings;
use super::source::Source;

/// Where Debian's libpq looks for the file that all users share.
const SHARED: &str = "/etc/postgresql-common";

/// The settings of the service that is asked for, if one is.
pub(super) fn find(settings: &Settings, environment: Environment<'_>) -> Result<Settings, AddressError> {
    let Some(service) = settings.text("service") else { return Ok(Settings::default()) };
    let files = files(settings, environment)?;
    for file in &files {
        let text = read(file)?;
        if let Some(found) = parse(&text, service, file)? {
            return Ok(found);
        }
    }
    let looked: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let looked = if looked.is_empty() {
        "there is no service file".to_owned()
    } else {
        format!("looked in {}", looked.join(", "))
    };
    let service = service.escape_debug();
    Err(AddressError::Looking(format!(
        "service {service} is not defined: {looked} (set PGSERVICEFILE, or servicefile=)"
    )))
}

/// The files that are there. One that was named has to be.
fn files(settings: &Settings, environment: Environment<'_>) -> Result<Vec<PathBuf>, AddressError> {
    let shared = environment.variable("PGSYSCONFDIR").unwrap_or_else(|| SHARED.to_owned());
    let shared = PathBuf::from(shared).join("pg_service.conf");
    let own = match settings.text("servicefile") {
        Some(named) if !Path::new(named).exists() => {
            return Err(AddressError::Looking(format!("there is no service file {named}")));
        }
        Some(named) => Some(PathBuf::from(named)),
        None => environment.home(".pg_service.conf").filter(|file| file.exists()),
    };
    Ok(own.into_iter().chain(Some(shared).filter(|file| file.exists())).collect())
}

fn read(file: &Path) -> Result<String, AddressError> {
    fs::read_to_string(file).map_err(|error| {
        let why = if error.kind() == ErrorKind::InvalidData { "it is no UTF-8".to_owned() } else { error.to_string() };
        AddressError::Looking(format!("the service file {} cannot be read: {why}", file.display()))
    })
}

/// The first section of this name; within it, the first value of a keyword counts.
fn parse(text: &str, service: &str, file: &Path) -> Result<Option<Settings>, AddressError> {
    let source = Source::Service { name: service.to_owned(), file: file.to_owned() };
    let lines = text.lines().map(str::trim).enumerate();
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let is_section = |line: &str| {
        line.strip_prefix('[').and_then(|line| line.strip_prefix(service)).is_some_and(|end| end.starts_with(']'))
    };
    if !lines.any(|(_, line)| is_section(line)) {
        return Ok(None);
    }
    let mut settings = Settings::default();
    for (index, line) in lines.take_while(|(_, line)| !line.starts_with('[')) {
        let wrong = |reason: &str| AddressError::Looking(format!("{}:{}: {reason}", file.display(), index + 1));
        let (name, value) = line.split_once('=').ok_or_else(|| wrong("neither [service] nor keyword=value"))?;
        if ["service", "servicefile"].contains(&name) {
            return Err(wrong("a service cannot refer to another one"));
        }
        if name.ends_with(char::is_whitespace) {
            return Err(wrong("there may be no blank in front of the ="));
        }
        let keyword = Keyword::find(name).ok_or_else(|| wrong(&unknown(name, settings.has("password"))))?;
        if !settings.has(name) {
            settings.set(keyword, value, &source);
        }
    }
    Ok(Some(settings))
}
