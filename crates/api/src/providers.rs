//! The providers that this gateway knows.

use axum::Json;
use axum::extract::State;
use gatehouse_wire::{AuthScheme, HostPattern, Provider};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Reader;
use crate::error::ApiError;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// A provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider, example = json!({
    "name": "OPENAI", "title": "OpenAI", "hosts": ["api.openai.com"], "dialect": "openai", "cost": true,
    "auth": "bearer", "label": "oai", "docs": "https://platform.openai.com/docs", "is_configured": false
}))]
pub(crate) struct ProviderAnswer {
    /// Its name in Helicone's spelling.
    name: String,
    /// What people call it.
    title: String,
    /// The hosts it answers at: a `*` stands for a run of characters without a dot.
    hosts: Vec<String>,
    /// The shape of its API.
    #[schema(example = "openai")]
    dialect: &'static str,
    /// Whether it bills by what a call uses, so that a call has a cost.
    cost: bool,
    /// How it takes the caller's credential.
    #[schema(value_type = String, example = "bearer")]
    auth: AuthScheme,
    /// The first label of the gateway's host that leads to it, if there is one.
    label: Option<String>,
    /// Its documentation.
    docs: Option<String>,
    /// Whether the row is the operator's own.
    is_configured: bool,
}

impl ProviderAnswer {
    fn new(provider: &Provider, is_configured: bool) -> Self {
        Self {
            name: provider.name.as_ref().to_owned(),
            title: provider.title.clone(),
            hosts: provider.hosts.iter().map(HostPattern::to_string).collect(),
            dialect: provider.dialect.as_str(),
            cost: provider.cost,
            auth: provider.auth,
            label: provider.dedicated.as_ref().map(|dedicated| dedicated.label.clone()),
            docs: provider.docs.clone(),
            is_configured,
        }
    }
}

/// Lists the providers, the operator's own rows first; where two have a host in common, the first is meant.
#[utoipa::path(
    get, path = "/v1/providers", operation_id = "listProviders", tag = "Providers",
    responses((status = 200, description = "The providers", body = Envelope<Vec<ProviderAnswer>>), Refusals)
)]
pub(crate) async fn list(
    _reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<ProviderAnswer>>>, ApiError> {
    let table = &state.administration()?.providers;
    let rows = table.rows().iter().enumerate();
    let providers = rows.map(|(position, row)| ProviderAnswer::new(row, position < table.user_rows()));
    Ok(Envelope::json(providers.collect()))
}
