//! Are the files of an address read with care? Each thing that can be wrong with them is named.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, KeyPair};

use super::{Connector, Roots, SslMode, TlsSettings, TlsVersion};

/// A directory that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("contend-tls-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A self-signed certificate and its key, PEM.
fn pair() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn settings(mode: SslMode, roots: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>) -> TlsSettings {
    TlsSettings {
        mode,
        roots: roots.map(|file| Roots::File(file.to_owned())),
        certificate: certificate.map(Path::to_owned),
        key: key.map(Path::to_owned),
        send_name: true,
        oldest: TlsVersion::V1_2,
        newest: TlsVersion::V1_3,
    }
}

fn refusal(settings: &TlsSettings) -> String {
    let message = Connector::new(settings, false).unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(!message.contains("PRIVATE KEY-----"), "{message}");
    message
}

#[test]
fn a_mode_that_verifies_needs_authorities() {
    let scratch = Scratch::new("roots");
    let (certificate, _) = pair();
    let (good, absent) = (scratch.file("ca.crt", &certificate, 0o644), scratch.0.join("absent.crt"));
    for mode in [SslMode::VerifyCa, SslMode::VerifyFull] {
        let message = refusal(&settings(mode, Some(&absent), None, None));
        assert!(message.contains("absent.crt does not exist") && message.contains(&mode.to_string()), "{message}");
        assert!(refusal(&settings(mode, None, None, None)).contains("needs a root certificate"));
        assert!(Connector::new(&settings(mode, Some(&good), None, None), false).unwrap().describe().contains("verify"));
    }
}

#[test]
fn require_verifies_when_there_are_authorities_and_not_when_there_are_none() {
    let scratch = Scratch::new("require");
    let (certificate, _) = pair();
    let (good, absent) = (scratch.file("ca.crt", &certificate, 0o644), scratch.0.join("absent.crt"));
    let describe =
        |roots| Connector::new(&settings(SslMode::Require, Some(roots), None, None), false).unwrap().describe();
    assert_eq!(describe(&good), "TLS, verify-ca");
    assert_eq!(describe(&absent), "TLS, server not verified");
}

#[test]
fn a_file_without_a_certificate_is_named() {
    let scratch = Scratch::new("garbage");
    let empty = scratch.file("empty.crt", "nothing here\n", 0o644);
    let torn = scratch.file("torn.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 0o644);
    let verify = |file: &Path| refusal(&settings(SslMode::VerifyCa, Some(file), None, None));
    assert!(verify(&empty).contains("empty.crt holds no certificate"), "{}", verify(&empty));
    assert!(verify(&torn).contains("torn.crt holds a certificate that cannot be used"), "{}", verify(&torn));
    assert!(verify(&scratch.0).contains("cannot be read"), "{}", verify(&scratch.0));
}

#[test]
fn an_authority_whose_time_is_over_is_none() {
    let scratch = Scratch::new("expired");
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    let expired = params.self_signed(&key).unwrap().pem();
    let file = scratch.file("ca.crt", &expired, 0o644);
    assert!(refusal(&settings(SslMode::VerifyCa, Some(&file), None, None)).contains("it has expired"));
    let (current, _) = pair();
    let both = scratch.file("both.crt", &(expired + &current), 0o644);
    assert!(Connector::new(&settings(SslMode::VerifyCa, Some(&both), None, None), false).is_ok());
}

#[test]
fn each_thing_that_is_wrong_with_a_key_is_named() {
    let scratch = Scratch::new("keys");
    let (certificate, key) = pair();
    let (_, other) = pair();
    let certificate = scratch.file("client.crt", &certificate, 0o644);
    let with = |key: Option<&Path>| settings(SslMode::Require, None, Some(&certificate), key);
    assert!(Connector::new(&with(Some(&scratch.file("good.key", &key, 0o600))), false).is_ok());
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    for (file, expected) in [
        (scratch.file("open.key", &key, 0o644), "open.key can be read by others (mode 0644)"),
        (scratch.file("encrypted.key", encrypted, 0o600), "encrypted.key is encrypted"),
        (scratch.file("legacy.key", legacy, 0o600), "legacy.key is encrypted"),
        (scratch.file("garbage.key", "no key\n", 0o600), "garbage.key holds no private key"),
        (scratch.file("other.key", &other, 0o600), "other.key cannot be used with the client certificate"),
        (scratch.0.join("absent.key"), "absent.key does not exist"),
    ] {
        let message = refusal(&with(Some(&file)));
        assert!(message.contains(expected), "{message}");
    }
    assert!(refusal(&with(None)).contains("no key for it"));
}

#[test]
fn a_certificate_that_does_not_exist_is_not_sent() {
    let absent = settings(SslMode::Require, None, Some(Path::new("/nowhere/client.crt")), None);
    assert!(Connector::new(&absent, false).is_ok());
}
