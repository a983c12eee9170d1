//! A case: a network, what goes wrong in it, and how the program is called. One file each, `cases/NAME.toml`.

use crate::fail;
use crate::lab::Lab;
use crate::subjects::Draw;
use cli::Failure;
use serde::Deserialize;
use sim::{Net, World};
use std::cell::RefCell;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

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
    /// Whether its addresses stand in what is handed out, so that no others are drawn.
    #[serde(default)]
    fixed: bool,
    #[serde(skip)]
    pub(crate) name: String,
    #[serde(skip)]
    folder: PathBuf,
    /// What is other than in the file; nothing is, where everybody sees the case.
    #[serde(skip)]
    varied: Option<Varied>,
    /// The network itself, where it is none of a name.
    #[serde(skip)]
    drawn_net: Option<String>,
}

/// Other numbers for the same network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Varied {
    /// The bits that are flipped in all addresses.
    flip: u32,
    /// What the delays of the links come from.
    delays: u64,
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

    /// The same case with other addresses and delays. The networks of the course are in these places: none must get to where
    /// no host can be.
    pub(crate) fn varied(&self, draw: &mut Draw) -> Self {
        const FIRST_BYTES: [u8; 6] = [1, 10, 122, 172, 192, 203];
        let is_of_hosts = |byte: &u8| matches!(byte, 1..=223) && !matches!(byte, 10 | 127 | 169 | 172 | 192);
        let first = loop {
            let bits = draw.byte();
            if bits != 0 && FIRST_BYTES.iter().all(|byte| is_of_hosts(&(byte ^ bits))) {
                break bits;
            }
        };
        let flip = u32::from_be_bytes([first, draw.byte(), draw.byte(), 0]);
        let varied = Varied { flip: if self.fixed { 0 } else { flip }, delays: draw.number() };
        let text = |text: &String| flipped(text, varied.flip);
        Self {
            faults: self.faults.iter().map(text).collect(),
            arguments: self.arguments.iter().map(text).collect(),
            about: format!("{} (with other numbers)", self.about),
            varied: Some(varied),
            ..self.clone()
        }
    }

    /// A case of its own, in a network that was drawn.
    pub(crate) fn in_network(check: &str, about: &str, net: String, arguments: &[&str]) -> Self {
        Self {
            check: check.into(),
            about: about.into(),
            net: "drawn".into(),
            at: None,
            beside: None,
            seeds: vec![],
            set: vec![],
            faults: vec![],
            arguments: arguments.iter().map(ToString::to_string).collect(),
            fixed: false,
            name: "drawn".into(),
            folder: PathBuf::new(),
            varied: None,
            drawn_net: Some(net),
        }
    }

    /// Whether nobody has seen it before.
    pub(crate) fn is_drawn(&self) -> bool {
        self.varied.is_some() || self.drawn_net.is_some()
    }

    /// An address as it is in this case.
    pub(crate) fn address(&self, address: Ipv4Addr) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(address) ^ self.varied.map_or(0, |varied| varied.flip))
    }

    /// A network as it is in this case.
    pub(crate) fn network(&self, name: &str) -> Result<Net, Failure> {
        let mut net = match &self.drawn_net {
            Some(text) => Net::parse(name, text)?,
            None => Net::load(name)?,
        };
        if let Some(Varied { flip, delays }) = self.varied {
            net.flip_addresses(flip);
            let mut draw = Draw::new(delays, "delays");
            // Between half and two and a half times as long, and whole microseconds.
            net.change_delays(|delay| {
                let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
                Duration::from_micros(micros.saturating_mul(50 + draw.below(200)) / 100)
            });
        }
        Ok(net)
    }

    /// The network at work, and the node where the program runs.
    pub(crate) fn world(&self, seed: u64) -> Result<(Rc<RefCell<World>>, String), Failure> {
        // The folder of the cases is three steps below the root.
        let root = self.folder.ancestors().nth(3).filter(|_| self.net.ends_with(".toml"));
        let mut net = match root {
            Some(root) => self.network(&root.join(&self.net).to_string_lossy())?,
            None => self.network(&self.net)?,
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

/// The text with these bits flipped in each address in it.
fn flipped(text: &str, flip: u32) -> String {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        out.push_str(before);
        match word.parse::<Ipv4Addr>() {
            Ok(address) if !address.is_unspecified() && !address.is_broadcast() => {
                out.push_str(&Ipv4Addr::from(u32::from(address) ^ flip).to_string());
            }
            _ => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_sentences() {
        let flip = 0x01_00_02_00;
        assert_eq!(flipped("192.168.1.0/24 via 192.168.3.1 on net3", flip), "193.168.3.0/24 via 193.168.1.1 on net3");
        assert_eq!(flipped("at 1.0001 s host4 forges arp, 0.0.0.0/0", flip), "at 1.0001 s host4 forges arp, 0.0.0.0/0");
        assert_eq!(flipped("10.0.0.5", flip), "11.0.2.5");
    }
}
