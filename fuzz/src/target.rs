//! What a fuzz target is: the entry point of libFuzzer, or a program that replays files.

use std::{env, fs, process::ExitCode};

use crate::Property;

/// Makes a fuzz target of the property with this name.
#[macro_export]
macro_rules! target {
    ($property:ident) => {
        #[cfg(fuzzing)]
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$property(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            $crate::replay($crate::$property)
        }
    };
}

/// Feeds a property with the files that the command line names.
pub fn replay(property: Property) -> ExitCode {
    for name in env::args_os().skip(1) {
        match fs::read(&name) {
            Ok(input) => property(&input),
            Err(error) => {
                eprintln!("{}: {error}", name.display());
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
