//! Every dependency of this workspace has its reason in `docs/dependencies.md`, and none is there that is not used.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_dependency_has_its_reason_and_every_reason_its_dependency() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let section = manifest.split("[workspace.dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let declared: BTreeSet<&str> = section
        .lines()
        .filter(|line| !line.contains("path ="))
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect();

    let manual = std::fs::read_to_string(root.join("docs/dependencies.md")).unwrap();
    let rows = manual.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut explained = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert!(cells.len() >= 3 && !cells.iter().take(3).any(|cell| cell.is_empty()), "no reason in: {row}");
        explained.extend(row.split('`').next());
    }
    assert_eq!(declared, explained, "Cargo.toml and docs/dependencies.md");
    assert!(declared.len() > 10, "dependencies are found at all");
}
