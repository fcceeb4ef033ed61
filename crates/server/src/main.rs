//! The `gatehouse` binary: command line, start, end.

mod banner;
mod boot;
mod bootstrap;
mod cli;
mod data_dir;
mod keys;
mod limits;
mod logging;
mod metrics;
mod process;
mod settings;
mod stop_signal;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Arguments, Command, KeysCommand};

/// Twice as fast as the system's at the gateway's many small allocations (`bench/`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Serve(place) => boot::serve(place),
        Command::CheckConfig(place) => settings::check(place),
        Command::Keys { command: KeysCommand::Create(create) } => keys::create(create),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            banner::complain(&error);
            ExitCode::FAILURE
        }
    }
}
