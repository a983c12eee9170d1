//! Landlock: only the files of the view, and no signal to others (landlock(7)).

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, Scope,
};
use std::os::fd::OwnedFd;

/// The newest that is asked for; an older kernel gives what it has.
const NEWEST: ABI = ABI::V6;
/// From here on a program cannot reach others by files; what came later is about networks and signals, which other layers keep.
const ENOUGH: &str = "not in this kernel, or turned off";

/// Shuts this process in to what it may read, and what it may write.
pub(super) fn shut_in(read: &[OwnedFd], write: &[OwnedFd]) -> Result<(), String> {
    let status = restrict(read, write).map_err(|error| error.to_string())?;
    match status {
        RulesetStatus::NotEnforced => Err(ENOUGH.into()),
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
    }
}

fn restrict(read: &[OwnedFd], write: &[OwnedFd]) -> Result<RulesetStatus, RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for place in read {
        rules = rules.add_rule(PathBeneath::new(place, AccessFs::from_read(NEWEST)))?;
    }
    for place in write {
        rules = rules.add_rule(PathBeneath::new(place, AccessFs::from_all(NEWEST)))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}
