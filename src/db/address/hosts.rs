//! Which servers does an address name? The lists of hosts, numeric addresses and ports, by libpq's rules (34.1.1.3).

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use super::error::AddressError;
use super::keyword::number;
use super::settings::Settings;

/// Where servers put their sockets: Debian's directory and PostgreSQL's own.
pub(super) const SOCKET_DIRECTORIES: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Where one server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// A name, an address, or the directory of a socket.
    pub(super) host: Option<String>,
    /// Where to connect to, whatever the host's name leads to.
    pub(super) address: Option<IpAddr>,
    pub(super) port: u16,
}

impl Endpoint {
    pub(super) fn is_socket(&self) -> bool {
        self.address.is_none() && self.host.as_ref().is_some_and(|host| host.starts_with('/'))
    }

    /// The names under which a password file may know it. For the usual directories of sockets it is `localhost`.
    pub(super) fn names(&self) -> Vec<String> {
        let host = self.host.clone().or(self.address.map(|address| address.to_string()));
        let local = host.as_ref().is_some_and(|host| SOCKET_DIRECTORIES.contains(&host.as_str()));
        host.into_iter().chain(local.then(|| "localhost".to_owned())).collect()
    }
}

/// `host:port`, an IPv6 address in brackets.
impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.map(|address| address.to_string());
        let host = self.host.as_ref().or(address.as_ref()).map_or("", String::as_str);
        let (open, close) = if host.contains(':') && !host.starts_with('/') { ("[", "]") } else { ("", "") };
        write!(formatter, "{open}{host}{close}:{}", self.port)
    }
}

/// Every server, in order. `directories` is where a server is looked for that has no host.
pub(super) fn endpoints(
    settings: &Settings,
    default_port: u16,
    directories: &[&str],
) -> Result<Vec<Endpoint>, AddressError> {
    let list = |name: &str| settings.text(name).map(|text| text.split(',').collect::<Vec<&str>>());
    let (hosts, addresses) = (list("host"), list("hostaddr"));
    let count = addresses.as_ref().or(hosts.as_ref()).map_or(1, Vec::len);
    if let Some(hosts) = hosts.as_ref().filter(|hosts| hosts.len() != count) {
        let reason = format!("hostaddr names {count} and host {}: they have to be as many", hosts.len());
        return Err(settings.wrong("hostaddr", reason));
    }
    let ports = ports(settings, default_port, count)?;
    let at = |list: &Option<Vec<&str>>, index: usize| {
        list.as_ref().and_then(|list| list.get(index)).filter(|text| !text.is_empty()).map(|text| (*text).to_owned())
    };
    let endpoint = |(index, port): (usize, u16)| {
        let address = at(&addresses, index).map(|text| text.parse::<IpAddr>()).transpose();
        let address = address.map_err(|_| settings.wrong("hostaddr", "hostaddr has to be a numeric IP address"))?;
        let mut host = at(&hosts, index);
        if host.as_ref().is_some_and(|host| host.starts_with('@')) {
            let reason =
                "a host with an @ in front is a socket in the abstract namespace, which contend does not reach";
            return Err(settings.wrong("host", reason));
        }
        if host.is_none() && address.is_none() {
            host = Some(default_host(port, directories));
        }
        Ok(Endpoint { host, address, port })
    };
    ports.into_iter().enumerate().map(endpoint).collect()
}

/// A port for each host: as many, or one for all.
fn ports(settings: &Settings, default_port: u16, count: usize) -> Result<Vec<u16>, AddressError> {
    let Some(text) = settings.text("port") else { return Ok(vec![default_port; count]) };
    let parse = |text: &str| match number(text).and_then(|port| u16::try_from(port).ok()) {
        _ if text.is_empty() => Ok(default_port),
        Some(port) if port > 0 => Ok(port),
        _ => Err(settings.wrong("port", "port has to be a number from 1 to 65535")),
    };
    let ports = text.split(',').map(parse).collect::<Result<Vec<u16>, AddressError>>()?;
    match ports.as_slice() {
        [port] => Ok(vec![*port; count]),
        ports if ports.len() == count => Ok(ports.to_vec()),
        ports => {
            let reason = format!("{} ports for {count} hosts: one for all is needed, or one for each", ports.len());
            Err(settings.wrong("port", reason))
        }
    }
}

/// The first directory with a socket for this port, else the machine itself.
fn default_host(port: u16, directories: &[&str]) -> String {
    let has_socket = |directory: &&&str| Path::new(directory).join(format!(".s.PGSQL.{port}")).exists();
    directories.iter().find(has_socket).map_or("localhost", |directory| directory).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_host_is_the_directory_in_which_there_is_a_socket() {
        let directory = std::env::temp_dir().join(format!("contend-sockets-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(".s.PGSQL.5999"), "").unwrap();
        let text = directory.to_str().unwrap();
        let directories = ["/nowhere", text];
        assert_eq!(default_host(5999, &directories), text);
        assert_eq!(default_host(5998, &directories), "localhost");
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_socket_in_a_usual_place_is_localhost_to_a_password_file() {
        let at = |host: &str| Endpoint { host: Some(host.to_owned()), address: None, port: 1 }.names();
        assert_eq!(at("/tmp"), ["/tmp", "localhost"]);
        assert_eq!(at("/elsewhere"), ["/elsewhere"]);
        assert_eq!(at("h"), ["h"]);
    }
}
