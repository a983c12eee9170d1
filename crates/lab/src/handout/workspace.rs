//! Which crates are handed out, and how the manifests of the workspace read without the others.

use super::{Tree, is_kept, listed};
use crate::fail;
use crate::lab::Lab;
use cli::Failure;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Crates for who writes the course: they judge it as a whole, with its solutions.
const AUTHORS: &[&str] = &["bench", "needs", "transcripts"];

/// Adds the crates and what names them, and gives the tools that are left out with the reason.
pub(super) fn add(tree: &mut Tree, root: &Path, held: &[Lab]) -> Result<Vec<(String, String)>, Failure> {
    let crates = crates(root)?;
    let left_out = left_out(&crates, held);
    for (name, manifest) in crates.iter().filter(|(name, _)| !left_out.contains_key(*name)) {
        let folder = Path::new("crates").join(name);
        let mut source = Tree::default();
        source.copy_folder(root, &folder.join("src"), is_kept)?;
        let is_needed = |dependency: &str| !left_out.contains_key(dependency) && is_named(&source, dependency);
        tree.put(folder.join("Cargo.toml"), without_tests(&manifest.text, is_needed));
        tree.0.append(&mut source.0);
    }
    let is_of = |line: &str| left_out.keys().any(|name| names(line, name));
    for file in ["Cargo.toml", ".cargo/config.toml"] {
        let path = root.join(file);
        let text = fs::read_to_string(&path).map_err(|error| fail::io("read", &path, &error))?;
        let lines: String = text.split_inclusive('\n').filter(|line| !is_of(line)).collect();
        tree.put(file, lines);
    }
    Ok(left_out.into_iter().filter_map(|(name, why)| Some((name, why?))).collect())
}

/// What a crate's manifest says.
struct Manifest {
    text: String,
    /// What it is built with; what only its tests are built with is not among them.
    needs: Vec<String>,
}

fn crates(root: &Path) -> Result<BTreeMap<String, Manifest>, Failure> {
    let mut crates = BTreeMap::new();
    for (name, _) in listed(&root.join("crates"))?.into_iter().filter(|(_, is_folder)| *is_folder) {
        let path = root.join("crates").join(&name).join("Cargo.toml");
        let text = fs::read_to_string(&path).map_err(|error| fail::io("read", &path, &error))?;
        let wrong = |error: toml::de::Error| Failure::said(format!("'{}': {error}", path.display()));
        let table: toml::Table = toml::from_str(&text).map_err(wrong)?;
        crates.insert(name, Manifest { needs: needs(&table), text });
    }
    Ok(crates)
}

fn needs(table: &toml::Table) -> Vec<String> {
    let of = |table: &toml::Table| {
        let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
        dependencies.into_iter().flat_map(toml::Table::keys).cloned().collect::<Vec<_>>()
    };
    let systems = table.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    of(table).into_iter().chain(systems.filter_map(toml::Value::as_table).flat_map(of)).collect()
}

/// The crates that are left out: the authors', without a reason that a learner is told; each tool that bears the name of a lab,
/// which makes it the lab's finished work; and what is built with one of these.
fn left_out(crates: &BTreeMap<String, Manifest>, held: &[Lab]) -> BTreeMap<String, Option<String>> {
    let authors = AUTHORS.iter().map(|name| (name.to_string(), None));
    let works = held.iter().filter(|lab| crates.contains_key(lab.entry.name));
    let works = works.map(|lab| (lab.entry.name.to_string(), Some(format!("lab {}", lab.entry.number))));
    let mut left_out: BTreeMap<String, Option<String>> = authors.chain(works).collect();
    loop {
        let built_with =
            crates.iter().filter(|(name, _)| !left_out.contains_key(*name)).find_map(|(name, manifest)| {
                let tool = manifest.needs.iter().find(|tool| left_out.contains_key(*tool))?;
                Some((name.clone(), Some(format!("built with {tool}"))))
            });
        let Some((name, why)) = built_with else { return left_out };
        left_out.insert(name, why);
    }
}

/// Whether a line of the workspace's own files is about the crate `name`: a member, a dependency by its path, or an alias.
fn names(line: &str, name: &str) -> bool {
    let words = [format!("\"crates/{name}\""), format!("--bin {name} "), format!("--package {name} ")];
    words.iter().any(|words| line.contains(words))
}

/// Whether the sources name the crate `dependency`.
fn is_named(source: &Tree, dependency: &str) -> bool {
    let path = format!("{}::", dependency.replace('-', "_"));
    source.0.values().any(|bytes| {
        let text = String::from_utf8_lossy(bytes);
        text.match_indices(&path).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(|before| before.is_alphanumeric() || before == '_')
        })
    })
}

/// A crate's manifest without the tests that lie beside its sources, and what only these are built with.
fn without_tests(manifest: &str, is_needed: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    for section in sections(manifest) {
        let (head, body): (Vec<&str>, Vec<&str>) = match section.iter().position(|line| line.starts_with('[')) {
            Some(at) => {
                (section.iter().take(at + 1).copied().collect(), section.iter().skip(at + 1).copied().collect())
            }
            None => (vec![], section),
        };
        let kind = head.last().map_or("", |line| line.trim());
        let kept: Vec<&str> = match kind {
            "[[test]]" | "[[bench]]" | "[[example]]" => continue,
            "[dev-dependencies]" => {
                let name = |line: &&str| line.split(['.', ' ', '=']).next().is_some_and(&is_needed);
                let kept: Vec<&str> = body.into_iter().filter(name).collect();
                if kept.is_empty() {
                    continue;
                }
                kept.into_iter().chain(["\n"]).collect()
            }
            _ => body,
        };
        text.extend(head.into_iter().chain(kept));
    }
    text.trim_end().to_string() + "\n"
}

/// The lines of each section, with the comment above its head.
fn sections(manifest: &str) -> Vec<Vec<&str>> {
    let mut sections = vec![vec![]];
    for line in manifest.split_inclusive('\n') {
        let mut begun = vec![];
        if let Some(last) = sections.last_mut().filter(|_| line.starts_with('[')) {
            let above = last.iter().rev().take_while(|line: &&&str| line.starts_with('#')).count();
            begun = last.split_off(last.len() - above);
        }
        if line.starts_with('[') {
            sections.push(begun);
        }
        if let Some(last) = sections.last_mut() {
            last.push(line);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifest_loses_its_tests_and_what_only_they_need() {
        let manifest = "[package]\nname = \"x\"\n\n[dependencies]\nwire.workspace = true\n\n[dev-dependencies]\n\
                        tempfile.workspace = true\nneeds.workspace = true\n\n# It needs a program.\n[[test]]\n\
                        name = \"live\"\nharness = false\n\n[lints]\nworkspace = true\n";
        let rest = "[package]\nname = \"x\"\n\n[dependencies]\nwire.workspace = true\n\n";
        let lints = "[lints]\nworkspace = true\n";
        let kept = without_tests(manifest, |name| name == "tempfile");
        assert_eq!(kept, format!("{rest}[dev-dependencies]\ntempfile.workspace = true\n\n{lints}"));
        assert_eq!(without_tests(manifest, |_| false), format!("{rest}{lints}"));
    }

    #[test]
    fn line_about_a_crate_is_told_from_one_about_another_of_a_longer_name() {
        assert!(names("  \"crates/peel\",\n", "peel"));
        assert!(names("peel = { path = \"crates/peel\" }\n", "peel"));
        assert!(names("peel = \"run --quiet --bin peel --\"\n", "peel"));
        assert!(!names("tcp-echo = { path = \"crates/tcp-echo\" }\n", "tcp"));
        assert!(!names("tcp-echo = \"run --quiet --bin tcp-echo --\"\n", "tcp"));
    }
}
