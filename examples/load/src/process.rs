//! What the system knows of a process.

use std::{fs, io, process::Command};

/// The processor of the server and that of the client, where there are two.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Server,
    Client,
}

/// Lets a process run on one processor only; says whether that was possible.
pub(crate) fn pin(process: u32, side: Side) -> bool {
    if processors() < 2 {
        return false;
    }
    let processor = match side {
        Side::Server => "0",
        Side::Client => "1",
    };
    let mut command = Command::new("taskset");
    command.args(["-acp", processor, &process.to_string()]).stdout(std::process::Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// How many processors the machine has, whichever of them this process may use.
pub(crate) fn processors() -> usize {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.lines().filter(|line| line.starts_with("processor")).count().max(1)
}

/// Nanoseconds of processor time that all threads of a process have had.
pub(crate) fn processor_nanos(process: u32) -> io::Result<u64> {
    let mut nanos = 0;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += text.split(' ').next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(nanos)
}

/// KiB of memory that a process holds now.
pub(crate) fn resident_kib(process: u32) -> io::Result<u64> {
    status(process, "VmRSS:")
}

/// KiB of memory that a process held at the most since [`forget_peak`].
pub(crate) fn peak_kib(process: u32) -> io::Result<u64> {
    status(process, "VmHWM:")
}

/// Begins to watch for the peak anew.
pub(crate) fn forget_peak(process: u32) -> io::Result<()> {
    fs::write(format!("/proc/{process}/clear_refs"), "5")
}

fn status(process: u32, name: &str) -> io::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let value = value.and_then(|it| it.trim().strip_suffix(" kB")?.trim().parse().ok());
    value.ok_or_else(|| io::Error::other(format!("no `{name}`")))
}
