//! Do we believe that the server is the one that is meant? As much as the mode asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::TlsVersion;
use super::files::Authorities;

/// Verifies what a mode asks for: nothing, the authority, or the authority and the name.
#[derive(Debug)]
pub(super) struct Verifier {
    provider: Arc<CryptoProvider>,
    authorities: Option<Authorities>,
    checks_name: bool,
    /// The TLS version of the newest full handshake, 0 before the first one. rustls tells it to nobody else.
    version: AtomicU8,
}

impl Verifier {
    pub(super) fn new(provider: Arc<CryptoProvider>, authorities: Option<Authorities>, checks_name: bool) -> Self {
        Self { provider, authorities, checks_name, version: AtomicU8::new(0) }
    }

    /// The TLS version of the newest full handshake.
    pub(super) fn version(&self) -> Option<TlsVersion> {
        match self.version.load(Ordering::Relaxed) {
            2 => Some(TlsVersion::V1_2),
            3 => Some(TlsVersion::V1_3),
            _ => None,
        }
    }

    pub(super) fn verifies(&self) -> bool {
        self.authorities.is_some()
    }
}

/// Whether the server's certificate was refused for being an authority's.
fn is_authority(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Other(other)) if other.to_string().contains("CaUsedAsEndEntity"))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authorities) = &self.authorities else { return Ok(ServerCertVerified::assertion()) };
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let store = &authorities.store;
        match verify_server_cert_signed_by_trust_anchor(&certificate, store, intermediates, now, algorithms) {
            // A self-signed certificate that is trusted itself: OpenSSL accepts it, webpki does not where it may also be
            // an authority, which it says after it has looked at the dates.
            Err(error) if is_authority(&error) && authorities.certificates.contains(end_entity) => {}
            verified => verified?,
        }
        if self.checks_name {
            verify_server_name(&certificate, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    // Without authorities anybody may answer, so a signature proves nothing; and to verify one, the certificate would have
    // to be parsed, which rustls cannot do for those of X.509 v1 that many a PostgreSQL server has.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.version.store(2, Ordering::Relaxed);
        if !self.verifies() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.version.store(3, Ordering::Relaxed);
        if !self.verifies() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
