//! yifa 依法: the program.

mod cli;
mod demo;
mod machine;

fn main() -> std::process::ExitCode {
    cli::main()
}
