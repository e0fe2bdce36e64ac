//! Debian packages: installed where we may, else the exact command is said.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::workspace::find_program;

/// The command that installs `packages`, as one would type it.
pub(crate) fn install_command(packages: &[&str]) -> String {
    format!(
        "sudo apt-get update && sudo apt-get install --no-install-recommends {}",
        packages.join(" ")
    )
}

/// Installs `packages`, or fails with the command to type.
///
/// Services that come with them (Orthanc has one, listening on every address) are neither started
/// nor enabled: tests start their own on loopback.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if find_program("apt-get").is_none() {
        bail!("no apt-get here; install the equivalent of: {}", packages.join(" "));
    }
    let Some(mut shell) = root_shell() else {
        bail!("not root and no passwordless sudo; type: {}", install_command(packages));
    };
    process::step(format!("apt-get install {}", packages.join(" ")), || {
        process::run_quietly(shell.arg("-c").arg(INSTALL_WITHOUT_STARTING).arg("sh").args(packages))
    })
}

/// `policy-rc.d` answering 101 is Debian's way to forbid that an installation starts a service.
const INSTALL_WITHOUT_STARTING: &str = r#"
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends "$@"
case " $* " in
  *" orthanc "*) if command -v systemctl >/dev/null; then systemctl disable orthanc || true; fi ;;
esac
"#;

/// A shell with root's rights that asks nothing, where there is one.
fn root_shell() -> Option<Command> {
    if is_root() {
        return Some(Command::new("sh"));
    }
    process::run_quietly(Command::new("sudo").args(["-n", "true"])).ok()?;
    let mut shell = Command::new("sudo");
    shell.args(["-n", "sh"]);
    Some(shell)
}

fn is_root() -> bool {
    process::output_of(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
