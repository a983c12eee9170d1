//! Programs that nobody here wrote at the other end, over TCP between two network namespaces: what they say is opened to the last
//! record, what is wrong with them is told in a sentence, and clients of theirs are served.
//!
//! Needs network namespaces, and the programs `openssl`, `gnutls-serv`, `gnutls-cli`, `curl`, `socat`, `tcpdump`, `tshark` and
//! `python3`; see the crate `needs`.

mod broken;
mod gnutls;
mod http;
mod lab;
mod openssl;
mod recorded;
mod served;

use needs::test;
use std::process::ExitCode;

fn main() -> ExitCode {
    needs::live(&["openssl", "gnutls-serv", "gnutls-cli", "curl", "socat", "tcpdump", "tshark", "python3"]).run([
        test("server_of_openssl_is_opened_to_the_last_record", openssl::opened),
        test("resumption_and_retry_of_openssl_are_opened", openssl::resumed),
        test("what_is_wrong_with_a_server_is_a_sentence", openssl::wrong),
        test("pages_of_pythons_server_are_asked_for_on_one_connection", http::asked),
        test("server_that_is_none_or_stops_is_told_in_a_sentence", broken::told),
        test("server_of_gnutls_is_opened_to_the_last_record", gnutls::opened),
        test("what_is_wrong_with_a_server_of_gnutls_is_a_sentence", gnutls::wrong),
        test("capture_of_a_connection_is_read_as_tshark_reads_it", recorded::as_tshark),
        test("clients_of_openssl_gnutls_and_curl_are_served", served::clients),
        test("client_that_goes_wrong_is_told_in_a_sentence", served::wrong),
    ])
}
