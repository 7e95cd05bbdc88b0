//! How are the TLS settings of an address made ready? Files are read once, and every connection uses what was in them.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::version::{TLS12, TLS13};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::files::{authorities, identity};
use super::verifier::Verifier;
use super::{SslMode, TlsError, TlsSettings, TlsVersion};

/// What encrypts the connections to one server.
#[derive(Clone)]
pub(in crate::db) struct Connector {
    pub(in crate::db) maker: MakeRustlsConnect,
    verifier: Arc<Verifier>,
    mode: SslMode,
}

impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Connector({})", self.mode)
    }
}

impl Connector {
    /// Reads the files that the settings name. `direct` is `sslnegotiation=direct`, which wants to be told the protocol
    /// (PostgreSQL documentation, 53.2.11); a server that is not asked for that may refuse it.
    pub(in crate::db) fn new(settings: &TlsSettings, direct: bool) -> Result<Self, TlsError> {
        let authorities = authorities(settings.mode, settings.roots.as_ref())?;
        // libpq: `require` with a root certificate is `verify-ca`.
        let mode = match settings.mode {
            SslMode::Require if authorities.is_some() => SslMode::VerifyCa,
            mode => mode,
        };
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(Verifier::new(Arc::clone(&provider), authorities, mode == SslMode::VerifyFull));
        let spoken = [(TlsVersion::V1_2, &TLS12), (TlsVersion::V1_3, &TLS13)];
        let wanted = spoken.iter().filter(|(version, _)| (settings.oldest..=settings.newest).contains(version));
        let versions: Vec<_> = wanted.map(|(_, version)| *version).collect();
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(TlsError::Setup)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as _);
        let mut config = match identity(settings.certificate.as_ref(), settings.key.as_ref())? {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_auth_cert(identity.chain, identity.key).map_err(|reason| {
                let (certificate, key) = (settings.certificate.clone(), settings.key.clone());
                TlsError::Mismatch {
                    certificate: certificate.unwrap_or_default(),
                    key: key.unwrap_or_default(),
                    reason,
                }
            })?,
        };
        config.enable_sni = settings.send_name;
        if direct {
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        Ok(Self { maker: MakeRustlsConnect::new(config), verifier, mode })
    }

    /// What a connection that was made with it is like: `TLS 1.3, verify-full`.
    pub(in crate::db) fn describe(&self) -> String {
        let version = match self.verifier.version() {
            Some(TlsVersion::V1_2) => "TLS 1.2",
            Some(TlsVersion::V1_3) => "TLS 1.3",
            None => "TLS",
        };
        if self.verifier.verifies() {
            format!("{version}, {}", self.mode)
        } else {
            format!("{version}, server not verified")
        }
    }
}
