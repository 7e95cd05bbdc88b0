//! As whom does the server run?
//!
//! As ourselves, unless that is root: PostgreSQL refuses to run as root, and a throw-away server has no need to.

use std::fs;
use std::process::Command;

use super::Error;

/// A user of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The user to become; none when we are not root.
pub(super) fn unprivileged() -> Result<Option<User>, Error> {
    if !is_root() {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = lookup(&passwd, "postgres").or_else(|| lookup(&passwd, "nobody"));
    user.map(Some).ok_or(Error::NoUser)
}

/// The standard library cannot tell; POSIX's `id` can, and where it is missing the server itself will object.
fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The user's line in a text like /etc/passwd: name:password:uid:gid:...
fn lookup(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
        let gid = fields.next()?.parse().ok()?;
        Some(User { name: name.to_owned(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
                          postgresql:x:7:7::/:/bin/false\n\
                          broken:x\n\
                          toor:x:0:0::/:/bin/sh\n\
                          nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n\
                          postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        assert_eq!(lookup(PASSWD, "postgres"), Some(User { name: "postgres".to_owned(), uid: 101, gid: 104 }));
        assert_eq!(lookup(PASSWD, "nobody"), Some(User { name: "nobody".to_owned(), uid: 65534, gid: 65533 }));
    }

    #[test]
    fn missing_broken_and_root_by_another_name_are_no_user() {
        for name in ["daemon", "broken", "toor", "", "post"] {
            assert_eq!(lookup(PASSWD, name), None, "{name}");
        }
    }
}
