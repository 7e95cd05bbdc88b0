//! Which certificates and keys are meant? The PEM files of an address, opened and checked.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::{Roots, SslMode, TlsError};

/// The authorities that are trusted, and the certificates that were read for them.
#[derive(Debug)]
pub(super) struct Authorities {
    pub(super) store: RootCertStore,
    /// As they are in the file; a server's own certificate may be among them.
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

/// A client certificate with its chain, and its key.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// The authorities to verify with in this mode, and none where it does not verify. With `require` a root file that is
/// there is used, as libpq does (PostgreSQL documentation, 34.19.1).
pub(super) fn authorities(mode: SslMode, roots: Option<&Roots>) -> Result<Option<Authorities>, TlsError> {
    if mode < SslMode::Require {
        return Ok(None);
    }
    match roots {
        Some(Roots::System) => system_authorities().map(Some),
        Some(Roots::File(file)) if file.exists() => read_authorities(file).map(Some),
        _ if mode == SslMode::Require => Ok(None),
        Some(Roots::File(file)) => Err(TlsError::NoRoots { mode, file: file.clone() }),
        None => Err(TlsError::RootsNotNamed(mode)),
    }
}

fn system_authorities() -> Result<Authorities, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    let (usable, _) = store.add_parsable_certificates(found.certs);
    if usable == 0 {
        let reason = found.errors.first().map_or_else(|| "there is none".to_owned(), ToString::to_string);
        return Err(TlsError::NoSystemRoots(reason));
    }
    Ok(Authorities { store, certificates: Vec::new() })
}

fn read_authorities(file: &Path) -> Result<Authorities, TlsError> {
    let certificates = read_certificates("sslrootcert", file)?;
    let mut store = RootCertStore::empty();
    // webpki does not look at the dates of authorities, OpenSSL does.
    let current: Vec<_> = certificates.iter().filter(|certificate| !has_expired(certificate)).cloned().collect();
    let expired = current.is_empty();
    store.add_parsable_certificates(current);
    if store.is_empty() {
        let reason = if expired { "it has expired" } else { "it is not of the form X.509 v3" }.to_owned();
        return Err(TlsError::BadCertificate { keyword: "sslrootcert", file: file.to_owned(), reason });
    }
    Ok(Authorities { store, certificates })
}

/// Whether its time is over. What cannot be read is left to those who use it.
fn has_expired(certificate: &CertificateDer<'_>) -> bool {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Certificate::from_der(certificate)
        .is_ok_and(|parsed| parsed.tbs_certificate.validity.not_after.to_unix_duration() < now)
}

/// The client certificate and its key. None where the certificate's file does not exist: libpq sends none then either.
pub(super) fn identity(certificate: Option<&PathBuf>, key: Option<&PathBuf>) -> Result<Option<Identity>, TlsError> {
    let Some(certificate) = certificate.filter(|file| file.exists()) else { return Ok(None) };
    let chain = read_certificates("sslcert", certificate)?;
    match key {
        Some(file) if file.exists() => Ok(Some(Identity { chain, key: read_key(file)? })),
        _ => Err(TlsError::NoKeyFile { certificate: certificate.clone(), key: key.cloned() }),
    }
}

fn read_certificates(keyword: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(keyword, file)?;
    let certificates = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::BadCertificate { keyword, file: file.to_owned(), reason: error.to_string() })?;
    if certificates.is_empty() {
        Err(TlsError::NoCertificate { keyword, file: file.to_owned() })
    } else {
        Ok(certificates)
    }
}

fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let unreadable = |reason| TlsError::Unreadable { keyword: "sslkey", file: file.to_owned(), reason };
    let metadata = fs::metadata(file).map_err(unreadable)?;
    // As libpq: a key of root's may be shared with a group (PostgreSQL documentation, 34.19.2).
    let others = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.is_file() && metadata.mode() & others != 0 {
        return Err(TlsError::KeyPermissions { file: file.to_owned(), mode: metadata.mode() & 0o7777 });
    }
    let text = read("sslkey", file)?;
    // PKCS #8 says it in its first line, older forms in a header (RFC 1421, 4.6.1.1).
    if text.windows(9).any(|word| word == b"ENCRYPTED") {
        return Err(TlsError::KeyEncrypted { file: file.to_owned() });
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|_| TlsError::NoKey { file: file.to_owned() })
}

fn read(keyword: &'static str, file: &Path) -> Result<Vec<u8>, TlsError> {
    let read: io::Result<Vec<u8>> = fs::read(file);
    read.map_err(|reason| TlsError::Unreadable { keyword, file: file.to_owned(), reason })
}
