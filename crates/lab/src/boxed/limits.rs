//! Limits that every Unix has (getrlimit(2)).

use super::Spec;
use rustix::process::{Resource, Rlimit, setrlimit};

/// Sets all that `spec` names. The number of processes is none of them: it counts those of a user everywhere, and does not bind
/// root.
pub(super) fn set(spec: &Spec) -> Result<(), String> {
    let limits = [
        (Resource::Core, 0),
        (Resource::As, spec.memory),
        (Resource::Cpu, spec.processor),
        (Resource::Fsize, spec.file),
        (Resource::Nofile, spec.files),
    ];
    for (resource, most) in limits {
        // Some systems have one of them in name only; what they refuse is left as it is.
        let set = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
        if cfg!(target_os = "linux") {
            set.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Leaves no image of this process's memory behind when a signal ends it.
#[cfg(target_os = "linux")]
pub(super) fn no_core() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}
