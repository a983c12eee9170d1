//! Packets that once broke something here, or break something elsewhere: `testdata/bad-packets`.
//!
//! A file has, in this order: why it is there (`#`), the link and the original length, the bytes in hexadecimal, and all
//! problems that are found (`!`).

use crate::tree;
use std::fs;
use std::path::Path;
use wire::dissect::{LinkType, dissect_captured};

#[test]
fn bad_packets_are_dissected_and_told_as_their_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/bad-packets");
    let (mut files, mut wrong) = (0, vec![]);
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("a text");
        let name = path.display();
        let (told, lines): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('!'));
        let mut lines = lines.into_iter().filter(|line| !line.starts_with('#'));
        let (link, original_len) = head(lines.next().unwrap_or_default()).unwrap_or_else(|| panic!("{name}: no link"));
        let bytes: Vec<u8> = lines.flat_map(str::split_whitespace).map(|byte| hex(byte, &path)).collect();

        let dissection = dissect_captured(&bytes, original_len, link);
        tree::check(&dissection);
        tree::speak(&dissection);
        let problems: Vec<String> = dissection.problems().iter().map(|problem| format!("! {problem}")).collect();
        if problems != told {
            wrong.push(format!("{name}: {}\n{}", dissection.summary(), problems.join("\n")));
        }
        files += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files > 5, "{files} files");
}

/// The first line: `ethernet 60`.
fn head(line: &str) -> Option<(LinkType, usize)> {
    let (link, len) = line.split_once(' ')?;
    let link = match link {
        "ethernet" => LinkType::Ethernet,
        "ip" => LinkType::RawIp,
        _ => return None,
    };
    Some((link, len.parse().ok()?))
}

fn hex(byte: &str, path: &Path) -> u8 {
    u8::from_str_radix(byte, 16).unwrap_or_else(|_| panic!("{}: '{byte}' is no byte", path.display()))
}
