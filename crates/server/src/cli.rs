//! The command line.

mod costs;
mod durations;
mod imports;
pub(crate) mod requests;
mod seed;
mod users;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use gatehouse_store::control::Permissions;
use uuid::Uuid;

pub(crate) use imports::{ImportCommand, ImportHelicone};
pub(crate) use requests::{ExportCalls, ExportFormat, ListRequests, RequestsCommand, TailRequests, Which};
pub(crate) use seed::{DevCommand, SeedRows};

pub(crate) use costs::{Access, CostCommand, ReconcileCosts, RepriceCalls, Selection, SummarizeCosts};
pub(crate) use users::{CreateUser, ResetPassword, Unlink, UsersCommand};

/// An LLM gateway and observability server.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the gateway, the API and the dashboard.
    Serve(Place),
    /// Checks the configuration and prints it as it will be used, secrets hidden.
    CheckConfig(Place),
    /// Manages API keys; a running server knows of changes within a second.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Manages organisations.
    Organizations {
        #[command(subcommand)]
        command: OrganizationsCommand,
    },
    /// Manages who signs in to the dashboard; a running server knows of changes within a second.
    Users {
        #[command(subcommand)]
        command: UsersCommand,
    },
    /// Manages the domains that organisations call beside the known providers; a running server knows of
    /// changes within a second.
    Domains {
        #[command(subcommand)]
        command: DomainsCommand,
    },
    /// Adds up what calls cost, prices them anew, and lays a provider's bill beside it; asks a running server.
    Cost {
        #[command(subcommand)]
        command: CostCommand,
    },
    /// Serves what is logged to assistants by the Model Context Protocol, over standard input and output; asks a running
    /// server.
    Mcp(Access),
    /// Takes calls over that another server logged; asks a running server.
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// Shows logged calls, also while they are logged; asks a running server.
    Requests {
        #[command(subcommand)]
        command: RequestsCommand,
    },
    /// Exports logged calls; asks a running server. An export that was interrupted begins anew.
    Export(ExportCalls),
    /// For trying things out.
    Dev {
        #[command(subcommand)]
        command: DevCommand,
    },
    /// Manages the keys that seal the secrets of the vault.
    Vault {
        #[command(subcommand)]
        command: VaultCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Makes a key and prints it, once.
    Create(CreateKey),
    /// Lists keys, revoked and expired ones too; the keys themselves are not known.
    List(List),
    /// Revokes a key for good.
    Revoke(Subject),
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrganizationsCommand {
    /// Makes an organisation and prints its id.
    Create(CreateOrganization),
    /// Lists organisations.
    List(ListAll),
}

#[derive(Debug, Subcommand)]
pub(crate) enum DomainsCommand {
    /// Lists domains.
    List(List),
    /// Approves a domain, whatever its TXT record says.
    Approve(Subject),
    /// Rejects a domain, whatever its TXT record says.
    Reject(RejectDomain),
    /// Asks for a domain on behalf of an organisation and prints its id; it is pending until it is approved.
    Add(AddDomain),
}

#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Seals every secret with a new key; a running server goes on without a pause.
    Rotate(RotateVault),
    /// Lists the keys, and how many secrets each has sealed.
    Status(ListAll),
}

/// Where configuration and data are.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The configuration file [default: gatehouse.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The directory of everything that is kept; wins over the configuration.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Whose.
#[derive(Debug, Args)]
pub(crate) struct Owner {
    /// The organisation, by name or id [default: the one that the first start made]
    #[arg(long, value_name = "NAME_OR_ID")]
    pub(crate) organization: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CreateKey {
    /// What the key is called in lists.
    #[arg(long, value_parser = name)]
    pub(crate) name: String,
    /// What it may do: `r` reads what was logged, `w` sends calls, `rw` does both.
    #[arg(long, default_value = "rw", value_parser = permissions)]
    pub(crate) permissions: Permissions,
    /// Makes it an administrator's: it may approve domains and make organisations.
    #[arg(long)]
    pub(crate) admin: bool,
    /// How long it is accepted, as in `90d`, `12h` or `30m` [default: until it is revoked]
    #[arg(long, value_name = "DURATION", value_parser = durations::parse)]
    pub(crate) expires_in: Option<Duration>,
    #[command(flatten)]
    pub(crate) owner: Owner,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those of this organisation, by name or id.
    #[arg(long, value_name = "NAME_OR_ID")]
    pub(crate) organization: Option<String>,
    #[command(flatten)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ListAll {
    #[command(flatten)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// How a list is printed.
#[derive(Debug, Args)]
pub(crate) struct Form {
    /// Prints a JSON array instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is changed.
#[derive(Debug, Args)]
pub(crate) struct Subject {
    /// Its id, from the list.
    pub(crate) id: Uuid,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct CreateOrganization {
    /// What it is called, unlike any other.
    #[arg(long, value_parser = name)]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct RejectDomain {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// What the organisation is told.
    #[arg(long, value_parser = name)]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RotateVault {
    /// Drops the former keys from the key file when nothing needs them any more: a copy of the data that was made
    /// before can then be opened only with a copy of the file as it was.
    #[arg(long)]
    pub(crate) drop_old: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct AddDomain {
    /// The host name, without scheme, port and path.
    #[arg(long)]
    pub(crate) domain: String,
    /// The company whose domain it is [default: it is the organisation's own]
    #[arg(long, value_parser = name)]
    pub(crate) company: Option<String>,
    #[command(flatten)]
    pub(crate) owner: Owner,
    #[command(flatten)]
    pub(crate) place: Place,
}

fn permissions(text: &str) -> Result<Permissions, String> {
    Permissions::parse(text).ok_or_else(|| "expected `rw`, `r` or `w`".to_owned())
}

fn name(text: &str) -> Result<String, String> {
    gatehouse_api::parse_name(text).ok_or_else(|| "expected a text of 1 to 200 characters".to_owned())
}
