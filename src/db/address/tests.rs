//! Does every text that people write lead where psql would take it?

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{ChannelBinding, Host, LoadBalanceHosts, SslNegotiation, TargetSessionAttrs};

use super::{AddressError, Order, Part, Source, Target};
use crate::db::tls::{Roots, SslMode, TlsVersion};

type Resolved = Result<Option<Target>, AddressError>;

/// Resolves addresses with these variables alone.
pub(super) fn resolve(addresses: &[&str], variables: &[(&str, &str)]) -> Resolved {
    let addresses: Vec<String> = addresses.iter().map(|address| (*address).to_owned()).collect();
    let found = |name: &str| variables.iter().find(|(variable, _)| *variable == name);
    Target::resolve(&addresses, |name| found(name).map(|(_, value)| (*value).to_owned()))
}

#[track_caller]
fn target(address: &str) -> Target {
    resolve(&[address], &[]).unwrap_or_else(|error| panic!("{address}: {error}")).unwrap()
}

/// The value of a keyword, and where it came from, as it is shown.
#[track_caller]
pub(super) fn part(target: &Target, keyword: &str) -> Option<(String, String)> {
    let found = target.parts.iter().find(|part| part.keyword == keyword);
    found.map(|Part { value, source, .. }| (value.clone(), source.to_string()))
}

#[test]
fn urls_lead_where_psql_would_take_them() {
    let cases = [
        ("postgres://u:secret@h:1/db", "u@h:1/db"),
        ("postgresql://u@h/db?sslmode=disable", "u@h:5432/db"),
        ("  postgres://u@h/db\n", "u@h:5432/db"),
        ("cockroachdb://u@h/db", "u@h:26257/db"),
        ("cockroach://u@h/db", "u@h:26257/db"),
        ("crdb://u@h:5/db", "u@h:5/db"),
        ("cockroachdb://u@a,b:1/db", "u@a:26257,b:1/db"),
        ("postgresql+psycopg2://u@h/db", "u@h:5432/db"),
        ("cockroachdb+asyncpg://u@h/db", "u@h:26257/db"),
        ("jdbc:postgresql://h:26257/db?user=u&password=secret", "u@h:26257/db"),
        ("jdbc:cockroachdb://u@h/db", "u@h:26257/db"),
        ("postgres://u@h1:1,h2:2/db", "u@h1:1,h2:2/db"),
        ("postgres://u@h1,h2:2,h3/db", "u@h1:5432,h2:2,h3:5432/db"),
        ("postgres://u@h1,h2/db?port=7", "u@h1:7,h2:7/db"),
        ("postgres://u@[::1]:26257/db", "u@[::1]:26257/db"),
        ("postgres://u@[::1],[fe80::2]:3/db", "u@[::1]:5432,[fe80::2]:3/db"),
        ("postgres://u@[::1]", "u@[::1]:5432"),
        ("postgres://u@%2Fvar%2Frun:1/db", "u@/var/run:1/db"),
        ("postgres:///db?host=/tmp/s&user=u", "u@/tmp/s:5432/db"),
        ("postgres://?host=/tmp/s&user=u&dbname=db", "u@/tmp/s:5432/db"),
        ("postgres://root:admin@?host=%2Ftmp%2Fdemo255013852&port=26257", "root@/tmp/demo255013852:26257"),
        ("postgres://me%40azure:p%40ss%2Fword@h/db", "me@azure@h:5432/db"),
        ("postgres://u:p+w@h/d+b", "u@h:5432/d+b"),
        ("postgres://u:a:b@h/db", "u@h:5432/db"),
        ("postgres://u:p?q=r@h/db", "u@h:5432/db"),
        ("postgres://u@h/a%2Fb", "u@h:5432/a/b"),
        ("postgres://u@h/db?user=v&port=9&dbname=other&host=i", "v@i:9/other"),
        ("postgres://h/db?user=me@azure", "me@azure@h:5432/db"),
        ("postgres://u@h/db?port=1&port=2", "u@h:2/db"),
        ("postgres://u@h/db?", "u@h:5432/db"),
        ("postgres://u@h/db?port=1&", "u@h:1/db"),
        ("postgres://u@h/?hostaddr=127.0.0.1", "u@h:5432"),
        ("postgres://u@h/db?options=--cluster%3Dname", "u@h:5432/db"),
        ("postgres://u:@h/db", "u@h:5432/db"),
    ];
    for (address, display) in cases {
        let target = target(address);
        assert_eq!(target.display, display, "{address}");
        assert!(target.notes.is_empty(), "{:?}", target.notes);
    }
}

#[test]
fn pairs_lead_where_psql_would_take_them() {
    let cases = [
        ("host=h port=2 user=u password='se cret' dbname=db", "u@h:2/db"),
        ("host = h  port= 2 user =u", "u@h:2"),
        ("host=h\tuser=u\ndbname='d\\'b'", "u@h:5432/d'b"),
        ("host=h user=a\\ b", "a b@h:5432"),
        ("host=h user='a\\\\b'", "a\\b@h:5432"),
        ("host=h user=a\\", "a@h:5432"),
        ("host=h user=u dbname=''", "u@h:5432"),
        ("host=h user=u port=", "u@h:5432"),
        ("host=h user=u user=v", "v@h:5432"),
        ("host='h'user='u'", "u@h:5432"),
        ("host=a,b port=1,2 user=u", "u@a:1,b:2"),
        ("host=a,b port=1 user=u", "u@a:1,b:1"),
        ("host=a,b port=,2 user=u", "u@a:5432,b:2"),
        ("host=::1 user=u", "u@[::1]:5432"),
        ("host=/tmp/s user=u", "u@/tmp/s:5432"),
        ("hostaddr=127.0.0.1 user=u", "u@127.0.0.1:5432"),
        ("hostaddr=::1,127.0.0.1 port=1,2 user=u", "u@[::1]:1,127.0.0.1:2"),
        ("host=a, hostaddr=127.0.0.1,::1 user=u", "u@a:5432,[::1]:5432"),
        ("host=h user=u password=a=b", "u@h:5432"),
        ("host=h user=u password='sslmode=bogus'", "u@h:5432"),
        ("host=h user=u port=' 7 '", "u@h:7"),
        ("host=h user=u dbname=postgres://x/y", "u@h:5432/postgres://x/y"),
    ];
    for (address, display) in cases {
        assert_eq!(target(address).display, display, "{address}");
    }
}

#[test]
fn a_bare_word_is_a_database_as_with_psql() {
    let target = target("bank");
    assert_eq!(part(&target, "dbname"), Some(("bank".to_owned(), "the address".to_owned())));
    assert_eq!(target.nodes[0].config.get_dbname(), Some("bank"));
    assert!(target.display.ends_with("/bank"), "{}", target.display);
}

#[test]
fn keywords_without_effect_and_empty_values_are_taken() {
    let without_effect = "host=h user=u client_encoding=utf8 gssencmode=prefer gssdelegation=1 gsslib=gssapi krbsrvname=x \
                          sslcompression=1 replication=off min_protocol_version=3.0 max_protocol_version=latest \
                          oauth_issuer=x oauth_client_id=x oauth_client_secret=hunter2 oauth_scope=x sslpassword=hunter2";
    let target = target(without_effect);
    assert_eq!(target.display, "u@h:5432");
    assert_eq!(part(&target, "sslpassword").unwrap().0, "(hidden)");
    assert_eq!(part(&target, "oauth_client_secret").unwrap().0, "(hidden)");
    let empty =
        self::target("host=h user=u sslcrl='' sslmode='' require_auth='' connect_timeout='' port='' sslcert=''");
    assert_eq!(empty.nodes[0].tls.mode, SslMode::Prefer);
    assert_eq!(part(&empty, "sslmode").unwrap().1, "default");
}

#[test]
fn what_is_honored_gets_to_the_driver() {
    let address = "postgres://u:s%20e@h:7/db?hostaddr=127.0.0.1&options=--cluster%3Dname&application_name=app\
                   &connect_timeout=3&keepalives=0&keepalives_idle=11&keepalives_interval=12&keepalives_count=13\
                   &tcp_user_timeout=1500&channel_binding=require&target_session_attrs=primary\
                   &sslnegotiation=direct&sslmode=require&load_balance_hosts=random";
    let target = target(address);
    let config = &target.nodes[0].config;
    assert_eq!(config.get_user(), Some("u"));
    assert_eq!(config.get_password(), Some(&b"s e"[..]));
    assert_eq!(config.get_dbname(), Some("db"));
    assert_eq!(config.get_ports(), [7]);
    assert_eq!(config.get_hostaddrs().len(), 1);
    assert_eq!(config.get_options(), Some("--cluster=name"));
    assert_eq!(config.get_application_name(), Some("app"));
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(3)));
    assert!(!config.get_keepalives());
    assert_eq!(config.get_keepalives_idle(), Duration::from_secs(11));
    assert_eq!(config.get_keepalives_interval(), Some(Duration::from_secs(12)));
    assert_eq!(config.get_keepalives_retries(), Some(13));
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_millis(1500)));
    assert_eq!(config.get_channel_binding(), ChannelBinding::Require);
    assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    assert_eq!(config.get_ssl_negotiation(), SslNegotiation::Direct);
    assert_eq!(config.get_load_balance_hosts(), LoadBalanceHosts::Random);
}

#[test]
fn defaults_are_libpq_s_but_for_the_name() {
    let target = target("host=h connect_timeout=0 keepalives_idle=-1");
    let config = &target.nodes[0].config;
    assert_eq!(config.get_connect_timeout(), None);
    assert_eq!(config.get_application_name(), Some("contend"));
    assert_eq!(config.get_dbname(), None);
    assert_eq!(config.get_password(), None);
    assert_eq!(config.get_keepalives_idle(), Duration::from_hours(2));
    assert_eq!(config.get_user().map(str::to_owned), super::environment::system_user());
    assert_eq!(part(&target, "user").unwrap().1, "operating system");
    assert_eq!(part(&target, "port"), Some(("5432".to_owned(), "default".to_owned())));
    let named = self::target("host=h fallback_application_name=f");
    assert_eq!(named.nodes[0].config.get_application_name(), Some("f"));
}

#[test]
fn the_session_and_the_order_are_asked_for() {
    let attrs = |name: &str| self::target(&format!("host=h target_session_attrs={name}"));
    assert_eq!(attrs("standby").nodes[0].config.get_target_session_attrs(), TargetSessionAttrs::ReadOnly);
    assert_eq!(attrs("any").nodes[0].config.get_target_session_attrs(), TargetSessionAttrs::Any);
    assert!(attrs("prefer-standby").prefer_standby && !attrs("standby").prefer_standby);
    for (address, order) in [
        ("host=a,b", Order::RoundRobin),
        ("host=a,b load_balance_hosts=disable", Order::InOrder),
        ("host=a,b load_balance_hosts=random", Order::Random),
    ] {
        assert_eq!(target(address).order, order, "{address}");
    }
}

#[test]
fn tls_is_asked_for_as_with_libpq() {
    let home = &[("HOME", "/home/me")];
    let tls = |address: &str| resolve(&[address], home).unwrap().unwrap().nodes[0].tls.clone();
    let plain = tls("host=h");
    assert_eq!(plain.mode, SslMode::Prefer);
    assert_eq!(plain.roots, Some(Roots::File(PathBuf::from("/home/me/.postgresql/root.crt"))));
    assert_eq!(plain.certificate, Some(PathBuf::from("/home/me/.postgresql/postgresql.crt")));
    assert_eq!(plain.key, Some(PathBuf::from("/home/me/.postgresql/postgresql.key")));
    assert!(plain.send_name);
    assert_eq!((plain.oldest, plain.newest), (TlsVersion::V1_2, TlsVersion::V1_3));

    let given =
        tls("host=h sslmode=verify-ca sslrootcert=ca.crt sslcert=me.crt sslsni=0 ssl_min_protocol_version=tlsv1.3");
    assert_eq!(given.mode, SslMode::VerifyCa);
    assert_eq!(given.roots, Some(Roots::File(PathBuf::from("ca.crt"))));
    assert_eq!(given.certificate, Some(PathBuf::from("me.crt")));
    assert_eq!(given.key, Some(PathBuf::from("/home/me/.postgresql/postgresql.key")));
    assert!(!given.send_name);
    assert_eq!((given.oldest, given.newest), (TlsVersion::V1_3, TlsVersion::V1_3));

    let system = tls("host=h sslrootcert=system");
    assert_eq!((system.mode, system.roots), (SslMode::VerifyFull, Some(Roots::System)));
    let none = tls("host=h sslcertmode=disable sslcert=x sslkey=y");
    assert_eq!((none.certificate, none.key), (None, None));
    assert_eq!(tls("postgres://h/db?ssl=true").mode, SslMode::Require);
    assert_eq!(tls("host=h requiressl=1").mode, SslMode::Require);
    assert_eq!(tls("host=h ssl_min_protocol_version=TLSv1 ssl_max_protocol_version=TLSv1.2").oldest, TlsVersion::V1_2);
    assert_eq!(target("host=h").nodes[0].tls.roots, None, "no home, nothing of the user's");
}

#[test]
fn a_socket_is_never_encrypted_and_its_neighbor_is() {
    let target = target("host=/tmp/s,h sslmode=require sslnegotiation=direct");
    let modes: Vec<SslMode> = target.nodes.iter().map(|node| node.tls.mode).collect();
    assert_eq!(modes, [SslMode::Disable, SslMode::Require]);
    let negotiations: Vec<_> = target.nodes.iter().map(|node| node.config.get_ssl_negotiation()).collect();
    assert_eq!(negotiations, [SslNegotiation::Postgres, SslNegotiation::Direct]);
    // A numeric address counts over the host's name, which is then no socket.
    let numeric = self::target("host=/tmp/s hostaddr=::1 sslmode=require");
    assert_eq!(numeric.nodes[0].tls.mode, SslMode::Require);
}

#[test]
fn several_addresses_are_their_servers_one_after_the_other() {
    let addresses = ["postgres://u@a,b/x", "host=c user=v load_balance_hosts=random", "crdb://u@d/x"];
    let target = resolve(&addresses, &[]).unwrap().unwrap();
    let names: Vec<&str> = target.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["u@a:5432/x", "u@b:5432/x", "v@c:5432", "u@d:26257/x"]);
    assert_eq!(target.display, "u@a:5432,b:5432/x, v@c:5432, u@d:26257/x");
    assert_eq!(target.order, Order::Random);
    assert!(target.parts.iter().any(|part| part.source == Source::Argument(Some(3)) && part.value == "d"));
    assert_eq!(part(&target, "host"), Some(("a,b".to_owned(), "address 1".to_owned())));
}

#[test]
fn debug_output_holds_no_password() {
    let target = target("postgres://u:hunter2@h/db");
    assert_eq!(format!("{target:?} {:?}", target.nodes[0]), "Target(u@h:5432/db) Node(u@h:5432/db)");
}

#[test]
fn a_name_stays_in_one_line() {
    assert_eq!(target("postgres://u@h/a%0Ab").display, "u@h:5432/a b");
}

#[test]
fn of_several_servers_those_are_wanted_that_accept_writes() {
    let wanted =
        |text: &str| target(text).nodes.iter().map(|node| node.config.get_target_session_attrs()).collect::<Vec<_>>();
    assert_eq!(wanted("host=a"), [TargetSessionAttrs::Any]);
    assert_eq!(wanted("host=a,b"), [TargetSessionAttrs::ReadWrite; 2]);
    assert_eq!(wanted("host=a,b target_session_attrs=any"), [TargetSessionAttrs::Any; 2]);
    assert_eq!(wanted("host=a,b target_session_attrs=prefer-standby"), [TargetSessionAttrs::Any; 2]);
}

#[test]
fn a_numeric_address_alone_is_also_the_name_that_a_certificate_is_verified_for() {
    let target = target("hostaddr=127.0.0.1");
    assert_eq!(target.nodes[0].config.get_hosts(), [Host::Tcp("127.0.0.1".to_owned())]);
    assert_eq!(target.nodes[0].config.get_hostaddrs().len(), 1);
}
