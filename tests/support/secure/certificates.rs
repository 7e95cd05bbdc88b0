//! Which certificates are there? Good and bad ones of two authorities, made anew by each test program: none gets old.

use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, date_time_ymd,
};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// The two authorities. Clients and servers of these tests trust the first one.
#[derive(Debug)]
pub struct Certificates {
    trusted: Authority,
    other: Authority,
}

/// A certificate (with what is between it and its authority) and its key, as PEM.
#[derive(Clone, Debug)]
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

/// What a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerCertificate {
    /// For localhost, 127.0.0.1 and `::1`.
    Good,
    /// For another name.
    NamedOtherwise,
    /// With its name in the subject alone, where RFC 9525 no longer looks for it.
    CommonNameOnly,
    Expired,
    SelfSigned,
    ExpiredSelfSigned,
    OtherAuthority,
    /// Good, with an authority between its own and the trusted one.
    Intermediate,
    /// X.509 version 1, by an authority of its own: [`Certificates::VERSION_1_ROOT`].
    Version1,
}

/// What a client shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificate {
    Good,
    Expired,
    OtherAuthority,
}

impl Certificates {
    pub const VERSION_1_ROOT: &str = include_str!("../../certs/v1.ca.crt");
    /// An RSA key four times: in two forms, plain and encrypted with the tests' password.
    pub const RSA: &str = include_str!("../../certs/rsa.pkcs8.key");
    pub const RSA_PKCS1: &str = include_str!("../../certs/rsa.pkcs1.key");
    pub const RSA_ENCRYPTED: &str = include_str!("../../certs/rsa.encrypted.pkcs8.key");
    pub const RSA_PKCS1_ENCRYPTED: &str = include_str!("../../certs/rsa.encrypted.pkcs1.key");
    /// A key on P-256 twice.
    pub const EC: &str = include_str!("../../certs/ec.pkcs8.key");
    pub const EC_SEC1: &str = include_str!("../../certs/ec.sec1.key");

    pub fn get() -> &'static Self {
        static CERTIFICATES: OnceLock<Certificates> = OnceLock::new();
        let make = || Self { trusted: authority("trusted authority"), other: authority("other authority") };
        CERTIFICATES.get_or_init(make)
    }

    /// The certificate of the trusted authority, as PEM.
    pub fn root(&self) -> String {
        self.trusted.pem()
    }

    /// That of the other one.
    pub fn other_root(&self) -> String {
        self.other.pem()
    }

    pub fn server(&self, kind: ServerCertificate) -> Identity {
        let names = match kind {
            ServerCertificate::NamedOtherwise => vec!["db.example".to_owned()],
            ServerCertificate::CommonNameOnly => Vec::new(),
            _ => ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
        };
        let common_name = if kind == ServerCertificate::NamedOtherwise { "db.example" } else { "localhost" };
        let mut params = leaf(common_name, names, ExtendedKeyUsagePurpose::ServerAuth);
        let key = KeyPair::generate().unwrap();
        let signed = |params: &CertificateParams, by: &Authority| params.signed_by(&key, by).unwrap().pem();
        let certificate = match kind {
            ServerCertificate::Version1 => {
                let certificate = include_str!("../../certs/v1.crt").to_owned();
                return Identity { certificate, key: Self::RSA.to_owned() };
            }
            ServerCertificate::SelfSigned => params.self_signed(&key).unwrap().pem(),
            ServerCertificate::OtherAuthority => signed(&params, &self.other),
            ServerCertificate::Expired | ServerCertificate::ExpiredSelfSigned => {
                params.not_after = date_time_ymd(2001, 1, 1);
                let by_itself = kind == ServerCertificate::ExpiredSelfSigned;
                if by_itself { params.self_signed(&key).unwrap().pem() } else { signed(&params, &self.trusted) }
            }
            ServerCertificate::Intermediate => {
                let between = authority_params("authority in between");
                let between = Authority::signed_by(between, KeyPair::generate().unwrap(), &self.trusted).unwrap();
                signed(&params, &between) + &between.pem()
            }
            _ => signed(&params, &self.trusted),
        };
        Identity { certificate, key: key.serialize_pem() }
    }

    /// A client's certificate for this user, with a key of its own.
    pub fn client(&self, user: &str, kind: ClientCertificate) -> Identity {
        let key = KeyPair::generate().unwrap();
        Identity { certificate: self.client_with(user, kind, &key), key: key.serialize_pem() }
    }

    /// A good certificate for [`Self::RSA`], in whichever form it is used.
    pub fn client_with_rsa(&self, user: &str) -> String {
        let key = KeyPair::from_pkcs8_pem_and_sign_algo(Self::RSA, &PKCS_RSA_SHA256).unwrap();
        self.client_with(user, ClientCertificate::Good, &key)
    }

    /// The same for [`Self::EC`].
    pub fn client_with_ec(&self, user: &str) -> String {
        self.client_with(user, ClientCertificate::Good, &KeyPair::from_pem(Self::EC).unwrap())
    }

    fn client_with(&self, user: &str, kind: ClientCertificate, key: &KeyPair) -> String {
        let mut params = leaf(user, Vec::new(), ExtendedKeyUsagePurpose::ClientAuth);
        if kind == ClientCertificate::Expired {
            params.not_after = date_time_ymd(2001, 1, 1);
        }
        let by = if kind == ClientCertificate::OtherAuthority { &self.other } else { &self.trusted };
        params.signed_by(key, by).unwrap().pem()
    }
}

fn authority(name: &str) -> Authority {
    Authority::self_signed(authority_params(name), KeyPair::generate().unwrap()).unwrap()
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf(common_name: &str, names: Vec<String>, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    params
}
