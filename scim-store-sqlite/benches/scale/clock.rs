//! CPU time and memory of this process, as Linux tells them.

use std::fs;

/// Microseconds of CPU that the process has had so far, all threads together.
pub(crate) fn cpu_micros() -> f64 {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let nanos = threads.filter_map(|it| {
        let text = fs::read_to_string(it.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    nanos.sum::<f64>() / 1_000.0
}

/// MiB of memory that the process holds.
pub(crate) fn memory_mib() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// CPU time of one operation: the median of five rounds of so many.
pub(crate) fn best<T>(times: usize, mut operation: impl FnMut(usize) -> T) -> f64 {
    let mut rounds: Vec<f64> = (0..5)
        .map(|round| {
            let before = cpu_micros();
            for it in 0..times {
                operation(round * times + it);
            }
            (cpu_micros() - before) / times as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[2]
}

/// Microseconds of CPU that this thread has had so far.
pub(crate) fn thread_micros() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1_000.0
}
