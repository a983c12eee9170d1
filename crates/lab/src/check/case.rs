//! A case: a network, what goes wrong in it, and how the program is called. One file each, `cases/NAME.toml`.

use crate::fail;
use crate::lab::Lab;
use cli::Failure;
use serde::Deserialize;
use sim::{Net, World};
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The check that it is for.
    pub(crate) check: String,
    /// What happens, in a sentence.
    pub(crate) about: String,
    /// A network by its name, or a file by its path from the root of the course.
    pub(crate) net: String,
    /// Where the program runs; where the network says, if not here.
    pub(crate) at: Option<String>,
    /// Where a program of the checker's own runs, if the check has one.
    pub(crate) beside: Option<String>,
    /// It runs once for each; what is random comes from these.
    pub(crate) seeds: Vec<u64>,
    /// As `--set`.
    #[serde(default)]
    pub(crate) set: Vec<String>,
    /// As `--fault`.
    #[serde(default)]
    pub(crate) faults: Vec<String>,
    pub(crate) arguments: Vec<String>,
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(skip)]
    folder: PathBuf,
}

impl Case {
    /// The cases of `check`, by their names.
    pub(crate) fn of(lab: &Lab, check: &str) -> Result<Vec<Self>, Failure> {
        let folder = lab.folder.join("cases");
        let listed = fs::read_dir(&folder).map_err(|error| fail::io("list", &folder, &error))?;
        let mut files: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
        files.sort();
        let mut cases = files.iter().map(|file| Self::read(file)).collect::<Result<Vec<_>, _>>()?;
        cases.retain(|case| case.check == check);
        if cases.is_empty() {
            return Err(Failure::said(format!("'{}' has no case for check '{check}'", folder.display())));
        }
        Ok(cases)
    }

    fn read(file: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(file).map_err(|error| fail::io("read", file, &error))?;
        let mut case: Self = toml::from_str(&text)
            .map_err(|error| Failure::said(format!("'{}': {}", file.display(), error.to_string().trim_end())))?;
        case.name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        case.folder = file.parent().unwrap_or(file).to_path_buf();
        Ok(case)
    }

    /// The network at work, and the node where the program runs.
    pub(crate) fn world(&self, seed: u64) -> Result<(Rc<RefCell<World>>, String), Failure> {
        // The folder of the cases is three steps below the root.
        let root = self.folder.ancestors().nth(3).filter(|_| self.net.ends_with(".toml"));
        let mut net = match root {
            Some(root) => Net::load(&root.join(&self.net).to_string_lossy())?,
            None => Net::load(&self.net)?,
        };
        self.set.iter().try_for_each(|assignment| net.set(assignment))?;
        self.faults.iter().try_for_each(|fault| net.fault(fault))?;
        let at = self.at.clone().unwrap_or_else(|| net.at().into());
        net.check_host(&at)?;
        Ok((Rc::new(RefCell::new(World::new(&net, seed))), at))
    }

    /// Where the transcript that is expected lies.
    pub(crate) fn snapshot(&self, seed: u64) -> PathBuf {
        self.folder.join(match self.seeds.len() {
            1 => format!("{}.snap", self.name),
            _ => format!("{}-{seed}.snap", self.name),
        })
    }

    /// How one sees the same: the network and the command's options.
    pub(crate) fn options(&self, seed: u64) -> String {
        let mut options = format!("--net {}", self.net);
        if let Some(at) = &self.at {
            options += &format!(" --at {at}");
        }
        if seed != 1 {
            options += &format!(" --seed {seed}");
        }
        for set in &self.set {
            options += &format!(" --set {set}");
        }
        for fault in &self.faults {
            options += &format!(" --fault '{fault}'");
        }
        let quoted = |word: &String| if word.contains(' ') { format!("'{word}'") } else { word.clone() };
        [options].into_iter().chain(self.arguments.iter().map(quoted)).collect::<Vec<_>>().join(" ")
    }
}
