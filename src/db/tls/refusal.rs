//! Why was there no encrypted connection? What rustls and the server say, in words that lead to the cause.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

/// One line about a TLS problem behind an error of the driver; none when it is about something else.
pub(in crate::db) fn explain(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(found) = rustls_error(current) {
            return Some(words(found));
        }
        cause = current.source();
    }
    lacks_tls(error)
        .then(|| "the server speaks no TLS on this port (sslmode=prefer or disable goes without)".to_owned())
}

/// Whether the server answered N to the request for TLS. The driver has no kind of error for it, only these words.
pub(in crate::db) fn lacks_tls(error: &(dyn Error + 'static)) -> bool {
    error.source().is_some_and(|cause| cause.to_string() == "server does not support TLS")
}

/// An error of rustls, also inside of an `io::Error`, whose `source` skips it.
fn rustls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    error.downcast_ref().or_else(|| error.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref())
}

fn words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(problem) => certificate(problem),
        rustls::Error::AlertReceived(alert) => refused(*alert),
        rustls::Error::InvalidMessage(_) => format!("what answers there speaks no TLS ({error})"),
        _ => format!("no TLS connection: {error}"),
    }
}

/// What is wrong with the server's certificate.
fn certificate(problem: &CertificateError) -> String {
    match problem {
        CertificateError::UnknownIssuer => {
            "the server's certificate is not signed by an authority in sslrootcert (unknown authority)".to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => format!(
            "the server's certificate is for another host name: {}, not {}; connect by a name that it has, or sslmode=verify-ca",
            list(presented),
            expected.to_str()
        ),
        CertificateError::NotValidForName => "the server's certificate is for another host name".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet (is a clock wrong?)".to_owned()
        }
        CertificateError::BadSignature => {
            "the server's certificate is not signed by the authority that it names".to_owned()
        }
        CertificateError::Other(other) if other.to_string().contains("UnsupportedCertVersion") => {
            "the server's certificate is of the old form X.509 v1, which cannot be verified; issue it anew with a subjectAltName"
                .to_owned()
        }
        other => format!("the server's certificate cannot be verified: {other}"),
    }
}

/// The names of a certificate, which come as `DnsName("a.example")`.
fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "it has no subjectAltName".to_owned();
    }
    let plain = |name: &String| name.split(['(', ')', '"']).rfind(|part| !part.is_empty()).unwrap_or(name).to_owned();
    names.iter().map(plain).collect::<Vec<_>>().join(", ")
}

/// What the server says about us.
fn refused(alert: AlertDescription) -> String {
    let why = match alert {
        AlertDescription::CertificateRequired => "the server wants a client certificate (sslcert and sslkey)",
        AlertDescription::UnknownCA => {
            "the server does not know the authority that signed our client certificate (sslcert)"
        }
        AlertDescription::CertificateExpired => "the server says that our client certificate (sslcert) has expired",
        AlertDescription::CertificateRevoked => "the server says that our client certificate (sslcert) is revoked",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown => "the server refuses our client certificate (sslcert)",
        AlertDescription::ProtocolVersion => "the server speaks another TLS version than this address allows",
        AlertDescription::HandshakeFailure => "the server and contend have no TLS cipher in common",
        _ => return format!("the server refused the TLS connection ({alert:?})"),
    };
    why.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_of_others_is_found() {
        let inner = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let outer = io::Error::new(io::ErrorKind::InvalidData, inner);
        assert_eq!(explain(&outer).as_deref(), Some("the server's certificate has expired"));
        assert_eq!(explain(&io::Error::other("the disk is full")), None);
    }

    #[test]
    fn names_are_shown_without_what_they_are_wrapped_in() {
        let names = ["DnsName(\"a.example\")".to_owned(), "IpAddress(127.0.0.1)".to_owned(), "plain".to_owned()];
        assert_eq!(list(&names), "a.example, 127.0.0.1, plain");
        assert!(list(&[]).contains("no subjectAltName"));
    }

    #[test]
    fn what_the_server_says_about_us_names_the_setting() {
        for alert in
            [AlertDescription::CertificateRequired, AlertDescription::UnknownCA, AlertDescription::CertificateUnknown]
        {
            assert!(words(&rustls::Error::AlertReceived(alert)).contains("sslcert"), "{alert:?}");
        }
        assert!(words(&rustls::Error::AlertReceived(AlertDescription::InternalError)).contains("InternalError"));
    }
}
