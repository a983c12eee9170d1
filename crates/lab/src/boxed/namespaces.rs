//! Namespaces: a root with nothing in it but the view, no network, and processes of its own (namespaces(7)).
//!
//! Root has them for the asking. Others first make a user namespace, in which they are root and may have the rest
//! (`user_namespaces(7)`); some systems refuse that.

use super::spec::Spec;
use super::system;
use rustix::fs::{Mode, OFlags};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};
use rustix::process::{Gid, Uid, getegid, geteuid, pivot_root};
use rustix::thread::UnshareFlags;
use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Where the new root is mounted before it is one: a folder that every system has. Only we see it.
const ROOT: &str = "/tmp";
/// How much may be in it: folders in which the view is mounted.
const SIZE: &std::ffi::CStr = c"size=1m,mode=755";

/// Leaves the namespaces of the others. What this process starts from now on has processes of its own, too.
pub(super) fn leave() -> io::Result<()> {
    let flags =
        UnshareFlags::NEWNET | UnshareFlags::NEWNS | UnshareFlags::NEWPID | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    let (uid, gid) = (geteuid(), getegid());
    if uid.is_root() && system::unshare(flags).is_ok() {
        return Ok(());
    }
    system::unshare(flags | UnshareFlags::NEWUSER)?;
    be_root_inside(uid, gid)
}

fn be_root_inside(uid: Uid, gid: Gid) -> io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {} 1", uid.as_raw()))?;
    fs::write("/proc/self/gid_map", format!("0 {} 1", gid.as_raw()))
}

/// Builds the new root, with the view in it. To be called by process 1 of the namespace.
pub(super) fn build(spec: &Spec) -> io::Result<()> {
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    // Opened before the new root is mounted above one of them.
    let open = |path: &PathBuf, writable: bool| {
        Some((path.clone(), rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).ok()?, writable))
    };
    let mut view: Vec<(PathBuf, OwnedFd, bool)> = spec
        .read
        .iter()
        .filter_map(|path| open(path, false))
        .chain(spec.write.iter().filter_map(|path| open(path, true)))
        .collect();
    // What is within another one comes later.
    view.sort_by(|a, b| a.0.cmp(&b.0));
    rustix::mount::mount("box", ROOT, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(SIZE))?;
    for (path, opened, writable) in &view {
        show(path, opened, *writable)?;
    }
    if spec.processes {
        let place = Path::new(ROOT).join("proc");
        fs::create_dir_all(&place)?;
        let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        // Where a container hides parts of the old one, there is no new one to be had: it hides the same parts.
        if rustix::mount::mount("proc", &place, "proc", flags, None).is_err() {
            rustix::mount::mount_bind_recursive("/proc", &place)?;
        }
    }
    Ok(())
}

/// Mounts one path of the view in the new root.
fn show(path: &Path, opened: &OwnedFd, writable: bool) -> io::Result<()> {
    let from = format!("/proc/self/fd/{}", opened.as_raw_fd());
    let at = Path::new(ROOT).join(path.strip_prefix("/").unwrap_or(path));
    if fs::metadata(&from)?.is_dir() {
        fs::create_dir_all(&at)?;
    } else if !at.exists() {
        fs::create_dir_all(at.parent().unwrap_or(&at))?;
        fs::write(&at, "")?;
    }
    rustix::mount::mount_bind_recursive(&from, &at)?;
    if !writable {
        system::read_only(&CString::new(at.as_os_str().as_bytes())?)?;
    }
    Ok(())
}

/// Makes the new root the root of all processes in the namespace; the old one is gone.
pub(super) fn enter() -> io::Result<()> {
    let old = Path::new(ROOT).join("old");
    fs::create_dir(&old)?;
    pivot_root(ROOT, &old)?;
    std::env::set_current_dir("/")?;
    rustix::mount::unmount("/old", UnmountFlags::DETACH)?;
    fs::remove_dir("/old")?;
    // Nothing can be put beside the view.
    rustix::mount::mount_remount(
        "/",
        MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV,
        c"",
    )?;
    Ok(())
}
