//! seccomp: no sockets, no other processes, nothing that only a debugger or an administrator needs (seccomp(2)).
//!
//! A list of what is refused, not of what is allowed: the standard library's needs differ by version and system, and safe Rust
//! reaches no call but the library's.

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

const NEVER: [libc::c_long; 20] = [
    libc::SYS_socket,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_userfaultfd,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_memfd_create,
    libc::SYS_open_by_handle_at,
];

/// Refuses them to this process from now on. `processes`: it may start others and end them.
pub(super) fn refuse(processes: bool) -> Result<(), String> {
    let mut never: Rules = NEVER.iter().map(|call| (*call, vec![])).collect();
    if !processes {
        never.extend(other_processes().map_err(|error| error.to_string())?);
    }
    apply(never, libc::EPERM)?;
    if processes {
        return Ok(());
    }
    // It hides its flags in memory, where no filter looks. The C library takes the older call when this one is not there.
    apply(Rules::from([(libc::SYS_clone3, vec![])]), libc::ENOSYS)
}

/// What starts other processes, and what reaches them. A thread is none.
fn other_processes() -> Result<Rules, BackendError> {
    let when = |argument, compare, value| {
        SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Qword, compare, value)?])
    };
    let no_thread = when(0, SeccompCmpOp::MaskedEq(u64::from(libc::CLONE_THREAD.cast_unsigned())), 0)?;
    let own = u64::try_from(rustix::process::getpid().as_raw_nonzero().get()).unwrap_or(0);
    let to_others = when(0, SeccompCmpOp::Ne, own)?;
    let mut rules = Rules::from([
        (libc::SYS_clone, vec![no_thread]),
        (libc::SYS_kill, vec![]),
        (libc::SYS_tkill, vec![]),
        // How a program ends itself by a signal.
        (libc::SYS_tgkill, vec![to_others]),
        (libc::SYS_rt_sigqueueinfo, vec![]),
        (libc::SYS_rt_tgsigqueueinfo, vec![]),
        (libc::SYS_pidfd_open, vec![]),
        (libc::SYS_pidfd_send_signal, vec![]),
    ]);
    #[cfg(target_arch = "x86_64")]
    rules.extend([(libc::SYS_fork, vec![]), (libc::SYS_vfork, vec![])]);
    Ok(rules)
}

fn apply(rules: Rules, error: i32) -> Result<(), String> {
    let program = || -> Result<BpfProgram, BackendError> {
        let answer = SeccompAction::Errno(error.cast_unsigned());
        SeccompFilter::new(rules, SeccompAction::Allow, answer, std::env::consts::ARCH.try_into()?)?.try_into()
    };
    let program = program().map_err(|error| error.to_string())?;
    apply_filter(&program).map_err(|error| error.to_string())
}
