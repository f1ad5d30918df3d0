//! yifa 依法: the program.

/// A line for whoever runs the command. Who hangs up on it (`| head`) has read enough: that is no fault.
macro_rules! say {
    ($($words:tt)*) => { $crate::machine::say(format_args!($($words)*)) };
}

mod cli;
mod demo;
mod machine;

fn main() -> std::process::ExitCode {
    cli::main()
}
