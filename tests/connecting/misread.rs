//! Is an address that cannot be meant refused, before anything is tried?

use crate::case::{Case, check};
use crate::secure::TlsServer;

#[test]
fn an_address_that_cannot_be_meant_is_refused_by_its_text() {
    let server = TlsServer::shared();
    let url = |query: &str| server.url("trusted", query);
    let pairs = |more: &str| format!("host=localhost port={} user=trusted dbname=postgres {more}", server.port);
    let case = |form: &str, address: String| Case::new(format!("address: {form}"), address);
    check(
        server,
        [
            case("sslmode=sometimes", url("sslmode=sometimes")).misread(&["sslmode"]),
            case("sslmode=verify_full", url("sslmode=verify_full")).misread(&["sslmode"]),
            case("channel_binding=maybe", url("channel_binding=maybe")).misread(&["channel_binding"]),
            case("target_session_attrs=master", url("target_session_attrs=master")).misread(&["target_session_attrs"]),
            case("connect_timeout=soon", url("connect_timeout=soon")).misread(&["connect_timeout"]),
            case("ssl_min_protocol_version=TLSv9", url("ssl_min_protocol_version=TLSv9"))
                .misread(&["ssl_min_protocol_version"]),
            case("an unknown keyword", url("sslmod=require")).misread(&["sslmod"]),
            case("a keyword without =", pairs("sslmode")).misread(&["="]),
            case("a quote without an end", pairs("options='-c")).misread(&["'"]),
            case("a port that is none", "postgres://trusted@localhost:port/postgres".to_owned()).misread(&["port"]),
            case("a port too high", "postgres://trusted@localhost:65536/postgres".to_owned()).misread(&["port"]),
            case("port 0", "postgres://trusted@localhost:0/postgres".to_owned()).misread(&["port"]),
            case("%zz", "postgres://tr%zzsted@localhost/postgres".to_owned()).misread(&["%"]),
            case("[::1", "postgres://trusted@[::1/postgres".to_owned()).misread(&["]"]),
            case("mysql://", "mysql://trusted@localhost/postgres".to_owned()).misread(&["mysql|scheme"]),
            case("more ports than hosts", "host=localhost port=1,2".to_owned()).misread(&["port"]),
            case("more hostaddrs than hosts", "host=localhost hostaddr=127.0.0.1,127.0.0.1".to_owned())
                .misread(&["hostaddr"]),
            case("hostaddr=localhost", pairs("hostaddr=localhost")).misread(&["hostaddr"]),
        ],
    );
}
