//! What do the ssl* keywords ask for? Checked among each other; no file has been opened yet.

use std::path::PathBuf;
use std::str::FromStr;

use super::environment::Environment;
use super::error::AddressError;
use super::settings::Settings;
use crate::db::tls::{Roots, SslMode, TlsSettings, TlsVersion};

/// libpq's value for the authorities that the operating system trusts.
const SYSTEM: &str = "system";

/// The mode that goes without saying: with the operating system's authorities the strictest one.
pub(super) fn default_mode(settings: &Settings) -> SslMode {
    if settings.text("sslrootcert") == Some(SYSTEM) { SslMode::VerifyFull } else { SslMode::default() }
}

pub(super) fn read(settings: &Settings, environment: Environment<'_>) -> Result<TlsSettings, AddressError> {
    let mode = settings.text("sslmode").map(SslMode::from_str).transpose();
    let mode = mode.map_err(|_| settings.wrong("sslmode", "sslmode is unknown"))?;
    let mode = mode.unwrap_or_else(|| default_mode(settings));
    let file = |name: &str, usual: &str| match settings.text(name) {
        Some(file) => Some(PathBuf::from(file)),
        None => environment.home(&format!(".postgresql/{usual}")),
    };
    let roots = match settings.text("sslrootcert") {
        Some(SYSTEM) => Some(Roots::System),
        _ => file("sslrootcert", "root.crt").map(Roots::File),
    };
    if roots == Some(Roots::System) && mode != SslMode::VerifyFull {
        let reason = format!("sslmode={mode} is too weak for sslrootcert=system, which needs sslmode=verify-full");
        return Err(settings.wrong("sslmode", reason));
    }
    if settings.text("sslnegotiation") == Some("direct") && mode < SslMode::Require {
        let reason =
            format!("sslmode={mode} is too weak for sslnegotiation=direct, which needs sslmode=require or more");
        return Err(settings.wrong("sslnegotiation", reason));
    }
    let with_certificate = settings.text("sslcertmode") != Some("disable");
    let certificate = file("sslcert", "postgresql.crt").filter(|_| with_certificate);
    let key = file("sslkey", "postgresql.key").filter(|_| with_certificate);
    let send_name = settings.text("sslsni") != Some("0");
    let (oldest, newest) = versions(settings)?;
    Ok(TlsSettings { mode, roots, certificate, key, send_name, oldest, newest })
}

/// The range of versions. TLS 1.0 and 1.1 as the oldest one mean 1.2, the oldest that is spoken.
fn versions(settings: &Settings) -> Result<(TlsVersion, TlsVersion), AddressError> {
    let version = |name: &str| {
        let newest = |text: &str| text.eq_ignore_ascii_case("TLSv1.3");
        settings.text(name).map(|text| if newest(text) { TlsVersion::V1_3 } else { TlsVersion::V1_2 })
    };
    let oldest = version("ssl_min_protocol_version").unwrap_or(TlsVersion::V1_2);
    let newest = version("ssl_max_protocol_version").unwrap_or(TlsVersion::V1_3);
    if oldest > newest {
        let reason = "ssl_min_protocol_version is newer than ssl_max_protocol_version";
        return Err(settings.wrong("ssl_min_protocol_version", reason));
    }
    Ok((oldest, newest))
}
