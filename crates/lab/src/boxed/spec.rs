//! What a launcher is told: what the program may see, write and use. In words, as arguments are.

use super::Layer;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// The word behind which the program stands.
pub(super) const END: &str = "--";

/// What the program may see, write and use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spec {
    /// Files and folders that it may read and run.
    pub(crate) read: Vec<PathBuf>,
    /// Folders that it may write to.
    pub(crate) write: Vec<PathBuf>,
    /// Where it starts; its root, if nowhere.
    pub(crate) directory: Option<PathBuf>,
    /// Whether it may see the processes in its box, and start more.
    pub(crate) processes: bool,
    /// Bytes of memory.
    pub(crate) memory: u64,
    /// Seconds of a processor; the wall clock is the checker's.
    pub(crate) processor: u64,
    /// Bytes of a file that it writes.
    pub(crate) file: u64,
    /// How many files it may have open.
    pub(crate) files: u64,
}

impl Default for Spec {
    /// For a learner's program.
    fn default() -> Self {
        Self {
            read: vec![],
            write: vec![],
            directory: None,
            processes: false,
            memory: 256 << 20,
            processor: 20,
            file: 16 << 20,
            files: 64,
        }
    }
}

impl Spec {
    /// In words, to be used with these layers.
    pub(super) fn words(&self, layers: &BTreeSet<Layer>) -> Vec<OsString> {
        let pair = |key: &str, value: &OsStr| [OsStr::new(key), OsStr::new("="), value].into_iter().collect();
        let mut words: Vec<OsString> = layers.iter().map(|layer| pair("layer", layer.name().as_ref())).collect();
        words.extend(self.read.iter().map(|path| pair("read", path.as_os_str())));
        words.extend(self.write.iter().map(|path| pair("write", path.as_os_str())));
        words.extend(self.directory.iter().map(|path| pair("directory", path.as_os_str())));
        let numbers = [
            ("memory", self.memory),
            ("processor", self.processor),
            ("file", self.file),
            ("files", self.files),
            ("processes", u64::from(self.processes)),
        ];
        words.extend(numbers.map(|(key, value)| pair(key, value.to_string().as_ref())));
        words
    }

    /// What `words` say, the layers, and what stands behind the end of them; `None`: nothing that [`Spec::words`] would say.
    pub(super) fn read_words(words: &[OsString]) -> Option<(Self, BTreeSet<Layer>, &[OsString])> {
        let end = words.iter().position(|word| word == END)?;
        let (mut spec, mut layers) = (Self::default(), BTreeSet::new());
        for word in words.get(..end)? {
            let bytes = word.as_bytes();
            let at = bytes.iter().position(|byte| *byte == b'=')?;
            let (key, value) = (std::str::from_utf8(bytes.get(..at)?).ok()?, OsStr::from_bytes(bytes.get(at + 1..)?));
            let path = || PathBuf::from(value);
            let number = || value.to_str()?.parse::<u64>().ok();
            match key {
                "layer" => {
                    layers.insert(Layer::of(value.to_str()?)?);
                }
                "read" => spec.read.push(path()),
                "write" => spec.write.push(path()),
                "directory" => spec.directory = Some(path()),
                "memory" => spec.memory = number()?,
                "processor" => spec.processor = number()?,
                "file" => spec.file = number()?,
                "files" => spec.files = number()?,
                "processes" => spec.processes = number()? != 0,
                _ => return None,
            }
        }
        Some((spec, layers, words.get(end + 1..)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_was_said_and_leave_the_program_alone() {
        let spec = Spec {
            read: vec!["/lib".into(), "/a=b --".into()],
            write: vec!["/out".into()],
            directory: Some("/in".into()),
            processes: true,
            memory: 1,
            ..Spec::default()
        };
        let layers = BTreeSet::from([Layer::Landlock, Layer::Limits]);
        let mut words = spec.words(&layers);
        words.extend(["--", "/program", "--", "layer=seccomp"].map(OsString::from));
        let (read, had, rest) = Spec::read_words(&words).unwrap();
        assert_eq!((read, had), (spec, layers));
        assert_eq!(rest, ["/program", "--", "layer=seccomp"]);
        assert!(Spec::read_words(&["layer=walls".into(), "--".into()]).is_none());
        assert!(Spec::read_words(&["/program".into()]).is_none());
    }
}
