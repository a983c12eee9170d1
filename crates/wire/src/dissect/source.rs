//! The document in which a field is told.

use super::{Field, Protocol};
use crate::icmpv6;

pub(super) fn of(field: &Field<'_>) -> &'static str {
    let (name, within) = (field.name(), field.within().unwrap_or_default());
    match field.layer().protocol() {
        Protocol::Data | Protocol::Loopback | Protocol::LinuxCooked | Protocol::LinuxCooked2 => "",
        Protocol::Ethernet => match name {
            "ethertype" => "RFC 9542 section 3",
            "trailer" => "RFC 894",
            _ => "RFC 9542 section 2",
        },
        Protocol::Tag => "IEEE 802.1Q",
        Protocol::Arp => "RFC 826",
        Protocol::Ipv4 => match (within, name) {
            ("", "dscp") => "RFC 2474 section 3",
            ("", "ecn") => "RFC 3168 section 5",
            ("router_alert", _) | ("", "router_alert") => "RFC 2113 section 2.1",
            _ => "RFC 791 section 3.1",
        },
        Protocol::Ipv6 => match name {
            "dscp" => "RFC 2474 section 3",
            "ecn" => "RFC 3168 section 5",
            _ => "RFC 8200 section 3",
        },
        Protocol::HopByHop | Protocol::DestinationOptions => options_of_ipv6(field),
        Protocol::Routing => "RFC 8200 section 4.4",
        Protocol::Ipv6Fragment => "RFC 8200 section 4.5",
        Protocol::Ah => "RFC 4302 section 2",
        Protocol::Esp => "RFC 4303 section 2",
        Protocol::Icmp => match name {
            "next_hop_mtu" => "RFC 1191 section 4",
            "length" => "RFC 4884 section 4",
            "address_mask" => "RFC 950 appendix I",
            "addresses" | "entry_size" | "lifetime" | "router" | "preference" => "RFC 1256 section 3",
            _ => "RFC 792",
        },
        Protocol::Icmpv6 => icmpv6(field),
        Protocol::Extensions => match (within, name) {
            ("label_stack", _) | ("", "label_stack") => "RFC 4950 section 5",
            ("interface", _) | ("", "interface") => "RFC 5837 section 4",
            _ => "RFC 4884 section 7",
        },
        Protocol::Dhcp => dhcp(field),
        Protocol::Dns => dns(field),
        Protocol::Tls => tls(field),
        Protocol::Http => http(field),
        Protocol::Ssh => ssh(field),
        Protocol::Udp => "RFC 768",
        Protocol::Tcp => match (within, name) {
            ("", "cwr" | "ece") => "RFC 3168 section 6.1",
            ("", "ae") => "RFC 9768 section 3.1",
            ("window_scale", _) | ("", "window_scale") => "RFC 7323 section 2.2",
            ("timestamps", _) | ("", "timestamps") => "RFC 7323 section 3.2",
            ("", "sack_permitted") | ("sack_permitted", _) => "RFC 2018 section 2",
            ("sack", _) | ("", "sack") => "RFC 2018 section 3",
            ("", "maximum_segment_size") | ("maximum_segment_size", _) => "RFC 9293 section 3.2",
            ("fast_open", _) | ("", "fast_open") => "RFC 7413 section 4.1.1",
            ("", "option" | "no_operation" | "end_of_options") | ("option", _) => "RFC 9293 section 3.2",
            _ => "RFC 9293 section 3.1",
        },
    }
}

fn options_of_ipv6(field: &Field<'_>) -> &'static str {
    match (field.within().unwrap_or(field.name()), field.layer().protocol()) {
        ("router_alert", _) => "RFC 2711 section 2.1",
        ("padn" | "pad1" | "option", _) => "RFC 8200 section 4.2",
        (_, Protocol::HopByHop) => "RFC 8200 section 4.3",
        _ => "RFC 8200 section 4.6",
    }
}

fn icmpv6(field: &Field<'_>) -> &'static str {
    let kind = field.layer().bytes().first().copied().unwrap_or_default();
    match (field.within().unwrap_or(field.name()), field.name()) {
        ("source_link_layer_address" | "target_link_layer_address", _) => "RFC 4861 section 4.6.1",
        ("prefix_information", _) => "RFC 4861 section 4.6.2",
        ("redirected_header", _) => "RFC 4861 section 4.6.3",
        ("link_mtu", _) => "RFC 4861 section 4.6.4",
        ("dns_server", _) => "RFC 8106 section 5.1",
        ("option", _) => "RFC 4861 section 4.6",
        ("preference", _) => "RFC 4191 section 2.2",
        ("home_agent", _) => "RFC 6275 section 7.1",
        ("length", _) => "RFC 4884 section 4",
        ("kind" | "checksum", _) => "RFC 4443 section 2.1",
        _ => match kind {
            icmpv6::UNREACHABLE => "RFC 4443 section 3.1",
            icmpv6::PACKET_TOO_BIG => "RFC 4443 section 3.2",
            icmpv6::TIME_EXCEEDED => "RFC 4443 section 3.3",
            icmpv6::PARAMETER_PROBLEM => "RFC 4443 section 3.4",
            icmpv6::ECHO_REQUEST => "RFC 4443 section 4.1",
            icmpv6::ECHO_REPLY => "RFC 4443 section 4.2",
            icmpv6::ROUTER_SOLICITATION => "RFC 4861 section 4.1",
            icmpv6::ROUTER_ADVERTISEMENT => "RFC 4861 section 4.2",
            icmpv6::NEIGHBOR_SOLICITATION => "RFC 4861 section 4.3",
            icmpv6::NEIGHBOR_ADVERTISEMENT => "RFC 4861 section 4.4",
            icmpv6::REDIRECT => "RFC 4861 section 4.5",
            _ => "RFC 4443 section 2.1",
        },
    }
}

fn dns(field: &Field<'_>) -> &'static str {
    let (name, within) = (field.name(), field.within().unwrap_or_default());
    match (if within.is_empty() { name } else { within }, name) {
        ("message_length", _) => "RFC 1035 section 4.2.2",
        ("ad" | "cd", _) => "RFC 4035 section 3.1.6",
        ("question", "question" | "qname" | "qtype" | "qclass") => "RFC 1035 section 4.1.2",
        (_, "payload_size" | "version") => "RFC 6891 section 6.1.2",
        (_, "extended_rcode") => "RFC 6891 section 6.1.3",
        (_, "dnssec_ok") | ("additional", "z") => "RFC 6891 section 6.1.4",
        ("answer" | "authority" | "additional", _) => record(name),
        (_, "pointer") => "RFC 1035 section 4.1.4",
        (_, "label" | "label_length" | "root") => "RFC 1035 section 3.1",
        ("string", _) => "RFC 1035 section 3.3",
        ("rdata_caa" | "tag", _) => "RFC 8659 section 4.1",
        ("rdata_nsec" | "type_bit_maps", _) => "RFC 4034 section 4.1",
        ("rdata_nsec3" | "salt" | "next_hashed", _) => "RFC 5155 section 3.2",
        ("rdata_svcb" | "rdata_https", _) => "RFC 9460 section 2.2",
        ("svc_param" | "alpn_id", _) => "RFC 9460 section 7",
        ("rdata_opt", _) => "RFC 6891 section 6.1.2",
        ("option", _) => option(name),
        (rdata, _) if rdata.starts_with("rdata") => record(rdata),
        _ => "RFC 1035 section 4.1.1",
    }
}

/// Of records and the types of their data.
fn record(name: &str) -> &'static str {
    match name {
        "rdata" => "RFC 3597 section 3",
        "rdata_a" => "RFC 1035 section 3.4.1",
        "rdata_aaaa" => "RFC 3596 section 2.2",
        "rdata_ns" => "RFC 1035 section 3.3.11",
        "rdata_cname" => "RFC 1035 section 3.3.1",
        "rdata_ptr" => "RFC 1035 section 3.3.12",
        "rdata_soa" => "RFC 1035 section 3.3.13",
        "rdata_mx" => "RFC 1035 section 3.3.9",
        "rdata_txt" => "RFC 1035 section 3.3.14",
        "rdata_srv" => "RFC 2782",
        "rdata_caa" => "RFC 8659 section 4.1",
        "rdata_ds" => "RFC 4034 section 5.1",
        "rdata_dnskey" => "RFC 4034 section 2.1",
        "rdata_rrsig" => "RFC 4034 section 3.1",
        "rdata_nsec" => "RFC 4034 section 4.1",
        "rdata_nsec3" => "RFC 5155 section 3.2",
        "rdata_svcb" | "rdata_https" => "RFC 9460 section 2.2",
        "rdata_opt" => "RFC 6891 section 6.1.2",
        "ttl" => "RFC 2181 section 8",
        _ => "RFC 1035 section 4.1.3",
    }
}

/// Of options of EDNS.
fn option(name: &str) -> &'static str {
    match name {
        "nsid" => "RFC 5001 section 2.3",
        "family" | "source_prefix_length" | "scope_prefix_length" | "address" => "RFC 7871 section 6",
        "client_cookie" | "server_cookie" => "RFC 7873 section 4",
        "padding" => "RFC 7830 section 3",
        "info_code" | "extra_text" => "RFC 8914 section 2",
        _ => "RFC 6891 section 6.1.2",
    }
}

fn dhcp(field: &Field<'_>) -> &'static str {
    match field.within().unwrap_or(field.name()) {
        "subnet_mask" => "RFC 2132 section 3.3",
        "router" => "RFC 2132 section 3.5",
        "dns_server" => "RFC 2132 section 3.8",
        "host_name" => "RFC 2132 section 3.14",
        "domain_name" => "RFC 2132 section 3.17",
        "interface_mtu" => "RFC 2132 section 5.1",
        "broadcast_address" => "RFC 2132 section 5.3",
        "ntp_server" => "RFC 2132 section 8.3",
        "requested_address" => "RFC 2132 section 9.1",
        "lease_time" => "RFC 2132 section 9.2",
        "message_type" => "RFC 2132 section 9.6",
        "server_identifier" => "RFC 2132 section 9.7",
        "parameter_request_list" => "RFC 2132 section 9.8",
        "message" => "RFC 2132 section 9.9",
        "maximum_message_size" => "RFC 2132 section 9.10",
        "renewal_time" => "RFC 2132 section 9.11",
        "rebinding_time" => "RFC 2132 section 9.12",
        "vendor_class" => "RFC 2132 section 9.13",
        "client_identifier" => "RFC 2132 section 9.14",
        _ if field.within().is_some() || field.fields().next().is_some() => "RFC 2132 section 2",
        "pad" => "RFC 2132 section 3.1",
        "end_of_options" | "padding" => "RFC 2132 section 3.2",
        _ => "RFC 2131 section 2",
    }
}

fn tls(field: &Field<'_>) -> &'static str {
    let (name, within) = (field.name(), field.within().unwrap_or_default());
    match (within, name) {
        ("", "content_type" | "legacy_version" | "length") => "RFC 8446 section 5.1",
        ("", "encrypted_record") => "RFC 8446 section 5.2",
        ("", "change_cipher_spec") => "RFC 8446 section 5",
        ("", "level" | "description") => "RFC 8446 section 6",
        ("", "handshake") | ("handshake", "msg_type" | "length") => "RFC 8446 section 4",
        ("extension", "host_name" | "name_type" | "name_length") => "RFC 6066 section 3",
        ("extension", "protocol" | "protocol_length") => "RFC 7301 section 3.1",
        ("extension", "point_format") => "RFC 8422 section 5.1.2",
        ("extension", "version") => "RFC 8446 section 4.2.1",
        ("extension", "cookie" | "cookie_length") => "RFC 8446 section 4.2.2",
        ("extension", "scheme") => "RFC 8446 section 4.2.3",
        ("extension", "group") => "RFC 8446 section 4.2.7",
        ("extension", "key_exchange" | "key_length") => "RFC 8446 section 4.2.8",
        ("extension", "psk_mode") => "RFC 8446 section 4.2.9",
        ("extension", "max_early_data_size") => "RFC 8446 section 4.2.10",
        ("extension", "identity" | "obfuscated_ticket_age" | "binder" | "selected_identity") => {
            "RFC 8446 section 4.2.11"
        }
        ("extension", _) | (_, "extension" | "extensions_length") => "RFC 8446 section 4.2",
        ("certificate_entry", _) | (_, "certificate_entry") => "RFC 8446 section 4.4.2",
        ("handshake", "ticket_lifetime" | "ticket" | "ticket_length") => "RFC 5077 section 3.3",
        ("handshake", "curve_type" | "group" | "public" | "public_length") => "RFC 8422 section 5.4",
        ("handshake", "scheme" | "signature" | "signature_length") => "RFC 5246 section 7.4.3",
        ("handshake", "exchange_keys") => "RFC 5246 section 7.4.7",
        ("handshake", "verify_data") => "RFC 5246 section 7.4.9",
        ("handshake", _) => "RFC 8446 section 4.1.2",
        _ => "",
    }
}

fn http(field: &Field<'_>) -> &'static str {
    match (field.within().unwrap_or(field.name()), field.name()) {
        (_, "request_target") => "RFC 9112 section 3.2",
        (_, "http_version") => "RFC 9112 section 2.3",
        (_, "status_code") => "RFC 9110 section 15",
        ("request_line", _) => "RFC 9112 section 3",
        ("status_line", _) => "RFC 9112 section 4",
        ("field_line", _) => "RFC 9112 section 5",
        ("chunk", _) => "RFC 9112 section 7.1",
        ("content", _) => "RFC 9112 section 6",
        _ => "RFC 9112 section 2.1",
    }
}

fn ssh(field: &Field<'_>) -> &'static str {
    match (field.within().unwrap_or(field.name()), field.name()) {
        ("identification", _) => "RFC 4253 section 4.2",
        ("kexinit", _) => "RFC 4253 section 7.1",
        ("kex_reply", _) | (_, "exchange_value" | "exchange_value_length") => "RFC 4253 section 8",
        (_, "message_number") => "RFC 4250 section 4.1",
        ("disconnect", _) => "RFC 4253 section 11.1",
        _ => "RFC 4253 section 6",
    }
}
