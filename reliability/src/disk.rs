//! A disk that fails on demand: `disk.c` in front of the C library of the server.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use fastrand::Rng;
use tempfile::TempDir;

use crate::Violation;

/// What a disk writes in one piece.
const SECTOR: usize = 512;

/// What can be wrong with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No file can grow.
    Full,
    /// Nothing can be written.
    ReadOnly,
    /// Nothing can be flushed.
    Failing,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Full, Self::ReadOnly, Self::Failing];

    fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ReadOnly => "read-only",
            Self::Failing => "failing",
        }
    }
}

/// A directory on a disk that can lose power.
#[derive(Debug)]
pub struct Disk {
    directory: TempDir,
}

impl Disk {
    /// An empty disk.
    ///
    /// # Errors
    /// When there is no C compiler, `cc`.
    pub fn new() -> Result<Self, Violation> {
        let disk = Self { directory: tempfile::tempdir()? };
        for part in ["data", "safe", "faults"] {
            fs::create_dir(disk.path(part))?;
        }
        fs::write(disk.path("disk.c"), include_str!("disk.c"))?;
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(disk.path("disk.so"))
            .arg(disk.path("disk.c"))
            .args(["-ldl", "-lpthread"])
            .status()?;
        if compiled.success() { Ok(disk) } else { Err("cc: disk.c does not compile".into()) }
    }

    /// The database on the disk.
    pub fn database(&self) -> PathBuf {
        self.path("data").join("scim.db")
    }

    /// Puts the disk under a process that is about to start.
    pub fn attach(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", self.path("disk.so"))
            .env("DISK_DATA", self.path("data"))
            .env("DISK_SAFE", self.path("safe"))
            .env("DISK_FAULTS", self.path("faults"));
    }

    /// Lets things go wrong from now on.
    ///
    /// # Errors
    /// When the harness itself cannot write.
    pub fn fail(&self, fault: Fault) -> io::Result<()> {
        fs::write(self.path("faults").join(fault.name()), "")
    }

    /// Makes it a sound disk again.
    ///
    /// # Errors
    /// When nothing was wrong in this way.
    pub fn heal(&self, fault: Fault) -> io::Result<()> {
        fs::remove_file(self.path("faults").join(fault.name()))
    }

    /// After the process was killed: of what was not flushed, each sector is lost with this
    /// probability.
    ///
    /// # Errors
    /// When the harness itself cannot read or write.
    pub fn lose_power(&self, loss: f64, random: &mut Rng) -> io::Result<()> {
        for entry in fs::read_dir(self.path("data"))? {
            let entry = entry?;
            let safe = self.path("safe").join(entry.file_name());
            if !safe.exists() {
                fs::remove_file(entry.path())?;
                continue;
            }
            let left = torn(&fs::read(&safe)?, &fs::read(entry.path())?, loss, random);
            fs::write(entry.path(), &left)?;
            fs::write(&safe, &left)?;
        }
        Ok(())
    }

    fn path(&self, part: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(part)
    }
}

/// What is left of a file that was safe in one state and is written to be in another.
fn torn(safe: &[u8], written: &[u8], loss: f64, random: &mut Rng) -> Vec<u8> {
    let mut is_lost = || random.f64() < loss;
    let length = if is_lost() { safe.len() } else { written.len() };
    let mut left = Vec::with_capacity(length);
    while left.len() < length {
        let source = if is_lost() { safe } else { written };
        let end = length.min(left.len() + SECTOR);
        let there = source.get(left.len()..end.min(source.len())).unwrap_or_default();
        left.extend_from_slice(there);
        // What neither wrote is empty.
        left.resize(end, 0);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_torn_is_old_or_new_in_each_sector() {
        let (old, new) = (vec![1; 5 * SECTOR], vec![2; 7 * SECTOR]);
        let mut random = Rng::with_seed(7644);
        assert_eq!(torn(&old, &new, 1.0, &mut random), old);
        assert_eq!(torn(&old, &new, 0.0, &mut random), new);
        let left = torn(&old, &new, 0.5, &mut random);
        assert!(left.contains(&1) && left.contains(&2));
        assert!(left.chunks(SECTOR).all(|it| it.iter().all(|byte| Some(byte) == it.first())));
    }
}
