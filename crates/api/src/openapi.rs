//! The OpenAPI 3.1 document, made from the handlers' own descriptions.
//!
//! The dashboard's client is generated from the copy in `crates/api/openapi.json`; a test keeps it fresh.

use std::collections::BTreeMap;

use axum::Json;
use utoipa::openapi::schema::{Array, ArrayItems, Object, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{Modify, OpenApi};

use crate::account::oidc::routes as oidc;
use crate::account::{links, profile, sessions as browser_sessions, sign_in};
use crate::auth::Reader;
use crate::error::{ErrorDetail, ErrorEnvelope};
use crate::figures::document::{Described, MetricOf, MetricOverTime, MetricRanking};
use crate::hql::saved;
use crate::members::invitations;
use crate::vault::{legacy, provider_keys, proxy_keys};
use crate::{
    admin, api_keys, audit, cache_stats, conversation, cost, customers, domains, feedback, figures, health,
    host_rules, hql, import, manual, mappers, members, metrics, organization, price_overrides, properties,
    property, providers, rate_limits, request, saved_filters, score, sessions, traces, users, webhooks,
};

/// The bodies that callers send: the only objects that may lack fields.
const REQUEST_BODIES: [&str; 66] = [
    "AcceptInvitation",
    "AddVaultKey",
    "ApproveMapping",
    "ChangeAccount",
    "ChangeFilter",
    "ChangeMember",
    "ChangeOrganization",
    "ChangePassword",
    "ChangeProviderKey",
    "ChangeRateLimit",
    "ChangeWebhook",
    "CreateApiKey",
    "CreateDomain",
    "CreateHostRule",
    "CreateOrganization",
    "CreateProviderKey",
    "CreateProxyKey",
    "CreateRateLimit",
    "CreateWebhook",
    "DeclineMapping",
    "ExportRequests",
    "FirstVisit",
    "GiveFeedback",
    "GiveScores",
    "InviteMember",
    "LogCall",
    "LoggedRequest",
    "LoggedResponse",
    "LoggedTime",
    "LoggedTiming",
    "MappingChoice",
    "MetricOf",
    "MetricOverTime",
    "MetricRanking",
    "NewPassword",
    "PropertyKey",
    "QueryMetrics",
    "QueryProperties",
    "QueryPropertyValues",
    "QueryRequestIds",
    "QuerySessionNames",
    "QuerySessions",
    "QueryUserMetrics",
    "QueryUserOverview",
    "QueryUsers",
    "ReadInvitation",
    "RejectDomain",
    "RemoveQueries",
    "RenameApiKey",
    "ReplayRequest",
    "RepriceCalls",
    "RequestQuery",
    "RollBackMapping",
    "RunSql",
    "SaveFilter",
    "SaveQuery",
    "SearchProperty",
    "SessionRating",
    "SetPrice",
    "SignIn",
    "SummarizeCosts",
    "SwitchOrganization",
    "TagSession",
    "TracesData",
    "UpdateVaultKey",
    "WebhookSettings",
];

/// The whole document.
#[derive(OpenApi)]
#[openapi(
    info(title = "Gatehouse", description = "What was asked, what came back, how long it took and what it cost."),
    paths(
        request::read, request::inputs, conversation::read, request::query, request::query_alias, request::count, cache_stats::read,
        request::tail::tail, request::search::search, request::export::export, request::by_ids::query_ids, request::by_ids::asset, request::links::signed_body,
        request::replay::replay,
        figures::query::query,
        sessions::list::list, sessions::list::count, sessions::list::metrics, sessions::names::list,
        sessions::annotate::rate, sessions::annotate::tag, sessions::annotate::set_tag,
        users::usage, users::metrics, users::overview,
        properties::list, properties::hidden, properties::hide, properties::restore, properties::search,
        properties::top_costs, properties::top_requests, customers::list, customers::usage,
        feedback::rate, feedback::give, score::give, property::set, property::log,
        manual::log_openai, manual::log_anthropic, manual::log_google, manual::log_custom,
        import::helicone,
        traces::log, traces::log_protobuf,
        api_keys::list, api_keys::create, api_keys::rename, api_keys::revoke,
        domains::list, domains::read, domains::create, domains::verify, domains::remove,
        host_rules::list, host_rules::create, host_rules::remove,
        rate_limits::list, rate_limits::read, rate_limits::create, rate_limits::change, rate_limits::remove,
        cost::summary::summarize, cost::derivation::read, cost::reprice::list, cost::reprice::begin,
        cost::reprice::read, cost::reprice::cancel, cost::reconcile::reconcile,
        price_overrides::list, price_overrides::create, price_overrides::replace, price_overrides::remove,
        hql::schema, hql::execute, hql::download, saved::list, saved::read, saved::create, saved::replace,
        saved::remove, saved::remove_many, saved_filters::list, saved_filters::read, saved_filters::create,
        saved_filters::change, saved_filters::remove,
        mappers::list, mappers::read, mappers::infer, mappers::approve, mappers::decline, mappers::roll_back,
        mappers::remove,
        webhooks::list, webhooks::create, webhooks::change, webhooks::remove, webhooks::test,
        webhooks::dead_letters::list, webhooks::dead_letters::retry, webhooks::dead_letters::remove,
        provider_keys::list, provider_keys::create, provider_keys::read, provider_keys::change,
        provider_keys::remove, proxy_keys::list, proxy_keys::create, proxy_keys::revoke,
        legacy::add, legacy::keys, legacy::key, legacy::update, legacy::remove,
        oidc::start, oidc::callback,
        sign_in::options, sign_in::sign_in, sign_in::sign_out, links::first_visit, links::read_invitation,
        links::accept_invitation, links::set_password, profile::read, profile::rename, profile::change_password,
        profile::switch, browser_sessions::list, browser_sessions::end, browser_sessions::end_others,
        audit::list, organization::read, organization::rename, members::list, members::change, members::remove,
        invitations::list, invitations::create, invitations::revoke, providers::list,
        admin::domains, admin::approve_domain, admin::reject_domain,
        admin::organizations, admin::create_organization, admin::create_key,
        health::healthcheck, health::healthz, health::readyz, metrics::metrics, document,
    ),
    components(schemas(ErrorEnvelope, ErrorDetail, MetricOf, MetricOverTime, MetricRanking)),
    tags(
        (name = "Requests", description = "Calls that went through the gateway"),
        (name = "Metrics", description = "Figures over many calls"),
        (name = "Sessions", description = "Calls that belong together"),
        (name = "Users", description = "Whose calls they are"),
        (name = "Properties", description = "What callers say of their calls"),
        (name = "Logging", description = "Calls that did not go through the gateway"),
        (name = "Keys", description = "The organisation's keys"),
        (name = "Domains", description = "Targets beside the known providers"),
        (name = "Host rules", description = "Where the organisation lets its calls go"),
        (name = "Rate limits", description = "How much the organisation's calls may use"),
        (name = "Cost", description = "Prices, and what calls cost"),
        (name = "SQL", description = "Questions in SQL, and those that were saved"),
        (name = "Filters", description = "Filters that were saved"),
        (name = "Mappers", description = "How calls of APIs are read that no reader knows"),
        (name = "Webhooks", description = "Who is told of calls, and what could not be told"),
        (name = "Vault", description = "Providers' keys, and the proxy keys that stand in their place"),
        (name = "Providers", description = "The providers that the gateway knows"),
        (name = "Account", description = "Who is signed in in a browser"),
        (name = "Organization", description = "Who is calling, and who changed what"),
        (name = "Administration", description = "Decisions for the whole installation"),
        (name = "Operations", description = "Health, metrics and this document"),
    ),
    security(("bearer" = []), ("helicone_auth" = [])),
    modifiers(&Schemes, &Named, &Complete, &Described),
)]
struct Document;

/// Describes how a key is sent.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A Helicone API key: `Authorization: Bearer sk-helicone-…`"))
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let header =
            ApiKeyValue::with_description("Helicone-Auth", "`Bearer sk-helicone-…`, as the gateway takes it");
        components.add_security_scheme("helicone_auth", SecurityScheme::ApiKey(ApiKey::Header(header)));
    }
}

/// Gives envelopes a reference to what they carry, where the derive wrote a copy of it.
struct Named;

impl Modify for Named {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let known = components.schemas.clone();
        let envelopes = components.schemas.iter_mut().filter(|(name, _)| name.starts_with("Envelope_"));
        for (_, envelope) in envelopes {
            let RefOr::T(Schema::Object(envelope)) = envelope else { continue };
            let Some(data) = envelope.properties.get_mut("data") else { continue };
            match data {
                RefOr::T(Schema::Array(Array { items: ArrayItems::RefOrSchema(item), .. })) => {
                    refer(item, &known)
                }
                data => refer(data, &known),
            }
        }
    }
}

/// Replaces a schema that is a copy of a known one by its reference.
fn refer(schema: &mut RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) {
    if let Some((name, _)) = known.iter().find(|(_, original)| *original == schema) {
        *schema = Ref::from_schema_name(name).into();
    }
}

/// Says that answers have all their fields: what is not known is null, not left out.
struct Complete;

impl Modify for Complete {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let answers =
            components.schemas.iter_mut().filter(|(name, _)| !REQUEST_BODIES.contains(&name.as_str()));
        answers.for_each(|(_, schema)| complete(schema));
    }
}

/// Makes every property of an object required, also where it is a part of another schema.
fn complete(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => object.required = object.properties.keys().cloned().collect(),
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter_mut().for_each(complete),
        _ => {}
    }
}

/// Returns the schema of a field that is always null.
pub(crate) fn always_null() -> Schema {
    Schema::Object(Object::with_type(Type::Null))
}

/// Returns the OpenAPI document of this API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Returns this document.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "getOpenApi", tag = "Operations",
    responses(
        (status = 200, description = "The OpenAPI 3.1 document", body = Object),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
    )
)]
pub(crate) async fn document(_reader: Reader) -> Json<utoipa::openapi::OpenApi> {
    Json(openapi())
}
