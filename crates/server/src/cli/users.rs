//! `gatehouse users`.

use clap::{Args, Subcommand};
use gatehouse_store::accounts::{Role, parse_email};

use super::{List, Owner, Place, name};

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Adds a person and prints a link, good once and for a day, with which they set a password.
    Create(CreateUser),
    /// Lists who belongs to which organisation.
    List(List),
    /// Prints a link, good once and for a day, with which a person sets another password.
    ResetPassword(ResetPassword),
    /// Forgets who a person is at the provider of identities: whoever has their address there may be them next.
    Unlink(Unlink),
}

#[derive(Debug, Args)]
pub(crate) struct CreateUser {
    /// The address that they sign in with.
    #[arg(value_parser = email)]
    pub(crate) email: String,
    /// What they are called.
    #[arg(long, value_parser = name)]
    pub(crate) name: String,
    /// What they may do: `viewer`, `member`, `admin` or `owner`.
    #[arg(long, default_value = "member", value_parser = role)]
    pub(crate) role: Role,
    /// Lets them decide for the whole installation: approve domains, make organisations.
    #[arg(long)]
    pub(crate) installation_admin: bool,
    #[command(flatten)]
    pub(crate) owner: Owner,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ResetPassword {
    /// The address that they sign in with.
    #[arg(value_parser = email)]
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Unlink {
    /// The address of the account.
    #[arg(value_parser = email)]
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

fn email(text: &str) -> Result<String, String> {
    parse_email(text).ok_or_else(|| "expected an address such as ada@example.com".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "expected `viewer`, `member`, `admin` or `owner`".to_owned())
}
