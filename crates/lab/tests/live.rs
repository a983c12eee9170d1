//! What happens to a handout on a disk that is full: it needs a file system of its own.

fn main() -> std::process::ExitCode {
    needs::live(&["mount"]).run([needs::test("handout_on_a_full_disk_leaves_nothing_behind", full_disk)])
}

fn full_disk() -> Result<(), needs::Failed> {
    let folder = tempfile::tempdir()?;
    let script = "mount -t tmpfs -o size=600k none \"$1\" && cd \"$2\" && \"$3\" handout --to \"$1/class\" --labs 03; \
                  echo \"exit $?\"; ls -A \"$1\"";
    let ran = assert_cmd::Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .args([concat!(env!("CARGO_MANIFEST_DIR"), "/../.."), env!("CARGO_BIN_EXE_lab")])
        .output()?;
    let said = String::from_utf8([ran.stderr, ran.stdout].concat())?;
    let is_told = said.starts_with("error: cannot write '") && said.contains("': No space left on device\n");
    // The last line is the exit code: nothing is listed behind it.
    if is_told && said.ends_with("\nexit 2\n") && said.lines().count() == 2 { Ok(()) } else { Err(said.into()) }
}
