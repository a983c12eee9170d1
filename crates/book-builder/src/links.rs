//! Links and images, as the rendered pages have them, so that it does not matter how they were written.

use crate::Fault;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What a link leads to is in these attributes.
const ATTRIBUTES: [&str; 2] = ["href", "src"];

/// Looks at the links of all pages, adds what is wrong with them to `faults`, and gives their number.
pub(crate) fn check(source: &Path, html: &Path, pages: &[&Path], faults: &mut Vec<Fault>) -> usize {
    let rendered: BTreeMap<PathBuf, (&Path, String)> = pages
        .iter()
        .map(|page| {
            let file = html.join(rendered(page));
            let text = fs::read_to_string(&file).unwrap_or_default();
            (file, (*page, text))
        })
        .collect();
    let ids: BTreeMap<&PathBuf, BTreeSet<String>> =
        rendered.iter().map(|(file, (_, text))| (file, values(text, "id").collect())).collect();

    let mut count = 0;
    for (file, (page, text)) in &rendered {
        for link in ATTRIBUTES.iter().flat_map(|attribute| values(text, attribute)) {
            count += 1;
            let why = if is_elsewhere(&link) { form(&link) } else { dead(file, &link, &ids) };
            if let Some(why) = why {
                faults.extend(at_its_lines(&source.join(page), &link, why));
            }
        }
    }
    count
}

/// The page's file as mdBook names it.
fn rendered(page: &Path) -> PathBuf {
    if page.ends_with("README.md") { page.with_file_name("index.html") } else { page.with_extension("html") }
}

/// The values of an attribute in a text that mdBook wrote: `<` begins tags only, and `"` quotes values.
fn values(text: &str, attribute: &str) -> impl Iterator<Item = String> {
    let start = format!(" {attribute}=\"");
    let tags = text.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    let value = move |tag: &str| Some(tag.split_once(&start)?.1.split('"').next()?.replace("&amp;", "&"));
    tags.filter_map(value)
}

/// Whether a link leaves the book.
fn is_elsewhere(link: &str) -> bool {
    let scheme = link.split(['/', '#', '?']).next().unwrap_or_default();
    scheme.contains(':') || link.starts_with("//")
}

/// What is wrong with the form of a link that leaves the book.
fn form(link: &str) -> Option<String> {
    if link.starts_with("data:") || link.starts_with("mailto:") {
        return None;
    }
    let Some(rest) = link.strip_prefix("https://") else {
        return Some("a link to elsewhere begins with https://".into());
    };
    let host = rest.split(['/', '#', '?']).next().unwrap_or_default();
    let is_name = host.contains('.') && host.split('.').all(|label| !label.is_empty());
    (!is_name || link.contains(char::is_whitespace)).then(|| "this is no address".into())
}

/// Why a link within the book leads nowhere.
fn dead(from: &Path, link: &str, ids: &BTreeMap<&PathBuf, BTreeSet<String>>) -> Option<String> {
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = path.split('?').next().unwrap_or_default();
    let target = if path.is_empty() { from.to_path_buf() } else { plain(&from.parent()?.join(path)) };
    if !target.exists() {
        return Some("there is no such file in the book".into());
    }
    let names = ids.get(&target)?;
    (!fragment.is_empty() && !names.contains(fragment)).then(|| format!("the page has no '#{fragment}'"))
}

/// The path without `.` and `..`, whether it exists or not.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
        plain
    })
}

/// The fault at each line of the page's source that has this link; at the page, if it comes from what the page includes.
fn at_its_lines(page: &Path, link: &str, why: String) -> Vec<Fault> {
    let text = fs::read_to_string(page).unwrap_or_default();
    let written = [link.to_string(), link.replacen(".html", ".md", 1)];
    let has = |line: &str, link: &str| {
        line.match_indices(link).any(|(start, _)| {
            let before = line.get(..start).and_then(|before| before.chars().next_back());
            let behind = line.get(start + link.len()..).and_then(|behind| behind.chars().next());
            matches!(before, Some('(' | '"' | '<' | ' ')) && matches!(behind, None | Some(')' | '"' | '>' | ' '))
        })
    };
    let lines = (1..).zip(text.lines()).filter(|(_, line)| written.iter().any(|link| has(line, link)));
    let what = format!("{link}: {why}");
    let faults: Vec<Fault> = lines.map(|(line, _)| Fault::new(page, Some(line), what.clone())).collect();
    if faults.is_empty() { vec![Fault::new(page, None, what)] } else { faults }
}
