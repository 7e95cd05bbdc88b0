//! Which files does the user have? Those of a home directory made for one test.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::secure::Identity;
use crate::support::Scratch;

/// A home directory, at first empty.
#[derive(Debug)]
pub struct Home(Scratch);

impl Home {
    pub fn new() -> Self {
        Self(Scratch::new())
    }

    pub fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// A file that its owner alone may read; its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        self.file_for(0o600, name, text)
    }

    /// The same with other permissions.
    pub fn file_for(&self, mode: u32, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A certificate and its key as files, and the part of an address that names them.
    pub fn identity(&self, name: &str, identity: &Identity) -> String {
        let certificate = self.file(&format!("{name}.crt"), &identity.certificate);
        format!("sslcert={certificate}&sslkey={}", self.file(&format!("{name}.key"), &identity.key))
    }
}
