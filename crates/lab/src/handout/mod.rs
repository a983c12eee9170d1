//! A copy of the course to hand out to a class.
//!
//! It has the labs that are named, each as it is handed out: with its stub, its checks and its visible cases, and without solution
//! and wrong solutions. It has the crates that the runner needs and the tools of the course, without those that are the finished
//! work of a lab in it, and without the authors' tests, which know the solutions. It has the book.
//!
//! | to read | is |
//! |---|---|
//! | `labs` | what of a lab is handed out |
//! | `workspace` | which crates are, and how their manifests read then |
//! | `traces` | the search for the text of solutions |
//! | `place` | the folder: written beside its place, and put there whole |
//!
//! Files are taken by rules of what is handed out, never by rules of what is not, and the whole is searched for the text of solutions
//! before any of it is written. What this cannot hide: the checks run on the learner's machine, so the answers that the checker
//! works out, and the headers of `wire`, are there to be read by who looks for them.

mod labs;
mod place;
mod traces;
mod workspace;

pub(crate) use traces::Traces;

use crate::checkout::Checkout;
use crate::fail;
use crate::lab::Lab;
use cli::Failure;
use place::Place;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What lies at the root and is handed out as it is.
const ROOT: &[&str] = &[
    ".gitattributes",
    ".gitignore",
    "Cargo.lock",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "clippy.toml",
    "rustfmt.toml",
    "docs/json.md",
    "docs/nets.md",
];
/// Folders that are handed out as they are.
const FOLDERS: &[&str] = &["book", "testdata"];

/// What was handed out.
#[derive(Debug)]
pub(crate) struct HandedOut {
    /// The tools that are not in it, each with the lab that it is the work of.
    pub(crate) without: Vec<(String, String)>,
    pub(crate) files: usize,
    /// How many pieces of solutions were looked for.
    pub(crate) pieces: usize,
}

/// Makes the copy with these labs in the folder `to`, which is not there yet or empty.
pub(crate) fn make(checkout: &Checkout, held: &[Lab], to: &Path) -> Result<HandedOut, Failure> {
    let place = Place::find(checkout, to)?;
    let (tree, without) = tree(checkout, held)?;
    let traces = Traces::of(&checkout.labs()?)?;
    for (path, bytes) in &tree.0 {
        if let Some(solution) = traces.found_in(bytes) {
            let text = format!("'{}' has text of '{}'", path.display(), checkout.shown(solution));
            return Err(Failure::said(text).hint("nothing was handed out; take that text out of it first"));
        }
    }
    place.fill(&tree)?;
    Ok(HandedOut { without, files: tree.0.len(), pieces: traces.count() })
}

/// All that is handed out, and the tools that are not.
fn tree(checkout: &Checkout, held: &[Lab]) -> Result<(Tree, Vec<(String, String)>), Failure> {
    let root = checkout.root();
    let mut tree = Tree::default();
    for name in ROOT.iter().copied().filter(|name| root.join(name).is_file()) {
        tree.copy(root, Path::new(name))?;
    }
    for folder in FOLDERS {
        tree.copy_folder(root, Path::new(folder), is_kept)?;
    }
    let without = workspace::add(&mut tree, root, held)?;
    for lab in held {
        labs::add(&mut tree, root, lab)?;
    }
    tree.put("README.md", readme(held, &without));
    tree.put(".github/workflows/labs.yml", include_str!("labs.yml"));
    Ok((tree, without))
}

fn readme(held: &[Lab], without: &[(String, String)]) -> String {
    let labs: Vec<String> = held
        .iter()
        .map(|lab| format!("| {} | {} | {} min |\n", lab.number(), lab.about.title, lab.about.minutes))
        .collect();
    let tools = match without {
        [] => "All tools of the book are here.".to_string(),
        some => {
            let named: Vec<String> = some.iter().map(|(tool, why)| format!("`{tool}` ({why})")).collect();
            format!(
                "Pages of the book show some tools that are not here, for writing them is the work of a lab: {}. \
                 What the page shows, your own program can soon do.",
                named.join(", ")
            )
        }
    };
    let first = held.first().map_or("01".into(), Lab::number);
    include_str!("handed-out.md")
        .replace("{labs}", &labs.concat())
        .replace("{tools}", &tools)
        .replace("{first}", &first)
}

/// Files by their paths from the root, in memory: nothing is written before all of it is there.
#[derive(Debug, Default)]
struct Tree(BTreeMap<PathBuf, Vec<u8>>);

impl Tree {
    fn put(&mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), bytes.into());
    }

    fn copy(&mut self, root: &Path, path: &Path) -> Result<(), Failure> {
        let from = root.join(path);
        let bytes = fs::read(&from).map_err(|error| fail::io("read", &from, &error))?;
        self.put(path, bytes);
        Ok(())
    }

    /// Takes the files of a folder that `is_taken`, and those of the folders in it.
    fn copy_folder(&mut self, root: &Path, folder: &Path, is_taken: fn(&Path) -> bool) -> Result<(), Failure> {
        for (name, is_folder) in listed(&root.join(folder))? {
            let path = folder.join(name);
            if is_folder {
                self.copy_folder(root, &path, is_taken)?;
            } else if is_taken(&path) {
                self.copy(root, &path)?;
            }
        }
        Ok(())
    }
}

/// What is in a folder, each with whether it is a folder itself. Links are left out: they lead elsewhere.
fn listed(folder: &Path) -> Result<Vec<(String, bool)>, Failure> {
    let failed = |error| fail::io("list", folder, &error);
    let mut names = vec![];
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() || kind.is_file() {
            names.push((entry.file_name().to_string_lossy().into_owned(), kind.is_dir()));
        }
    }
    names.sort();
    Ok(names)
}

/// Whether a file is of the course, and not what an editor or a test left there.
fn is_kept(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && ![".bak", ".new", ".orig", ".rej", "~"].iter().any(|end| name.ends_with(end))
}
