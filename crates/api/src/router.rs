//! Every route of the API listener, in one list.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use crate::account::oidc::routes as oidc;
use crate::account::{links, profile, sessions as browser_sessions, sign_in};
use crate::error::{ApiError, ErrorKind};
use crate::hql::saved;
use crate::members::invitations;
use crate::state::ApiState;
use crate::vault::{legacy, provider_keys, proxy_keys};
use crate::{
    admin, api_keys, audit, cache_stats, conversation, cost, customers, dashboard, domains, feedback,
    figures, guard, health, host_rules, hql, import, manual, mappers, members, metrics, openapi,
    organization, price_overrides, properties, property, providers, rate_limits, request, saved_filters,
    score, sessions, traces, users, webhooks,
};

/// How long the body of a call may be.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Returns the whole surface of the API listener.
pub fn router(state: ApiState) -> Router {
    let routes = rest()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .merge(account())
        .fallback(dashboard::file);
    finished(routes, state)
}

/// Returns what the gateway's listener has of it, under the hosts that Helicone's API has: neither the
/// dashboard nor what is for the operator alone.
pub fn router_behind_gateway(state: ApiState) -> Router {
    finished(rest().fallback(unknown_route), state.without_sign_in())
}

/// Adds what stands around every route.
fn finished(routes: Router<ApiState>, state: ApiState) -> Router {
    routes
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .with_state(state)
}

/// Returns the REST API.
fn rest() -> Router<ApiState> {
    Router::new()
        .route("/v1/request/{id}", get(request::read))
        .route("/v1/request/{id}/inputs", get(request::inputs))
        .route("/v1/request/{id}/conversation", get(conversation::read))
        .route("/v1/request/{id}/cost", get(cost::derivation::read))
        .route("/v1/request/{id}/replay", post(request::replay::replay))
        .route("/v1/request/{id}/signed-body", get(request::links::signed_body))
        .route("/v1/request/{id}/assets/{asset_id}", post(request::by_ids::asset))
        .route("/v1/request/query-ids", post(request::by_ids::query_ids))
        .route("/v1/request/export", post(request::export::export))
        .route("/v1/request/tail", get(request::tail::tail))
        .route("/v1/request/query", post(request::query_alias))
        .route("/v1/request/query-clickhouse", post(request::query))
        .route("/v1/request/count/query", post(request::count))
        .route("/v1/request/search", post(request::search::search))
        .route("/v1/request/{id}/feedback", post(feedback::rate))
        .route("/v1/request/{id}/score", post(score::give))
        .route("/v1/request/{id}/property", put(property::set))
        .route("/v1/cache/stats", get(cache_stats::read))
        .route("/v1/feedback", feedback())
        .route("/v1/log", post(property::log))
        .route("/v1/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/v1/api-keys/{id}", patch(api_keys::rename).delete(api_keys::revoke))
        .route("/v1/domains", get(domains::list).post(domains::create))
        .route("/v1/domains/{id}", get(domains::read).delete(domains::remove))
        .route("/v1/domains/{id}/verify", post(domains::verify))
        .route("/v1/host-rules", get(host_rules::list).post(host_rules::create))
        .route("/v1/host-rules/{id}", delete(host_rules::remove))
        .route("/v1/rate-limits", get(rate_limits::list).post(rate_limits::create))
        .route(
            "/v1/rate-limits/{id}",
            get(rate_limits::read).patch(rate_limits::change).delete(rate_limits::remove),
        )
        .route("/v1/cost/summary", post(cost::summary::summarize))
        .route("/v1/cost/reprice", get(cost::reprice::list).post(cost::reprice::begin))
        .route("/v1/cost/reprice/{id}", get(cost::reprice::read).delete(cost::reprice::cancel))
        .route("/v1/cost/reconcile", post(cost::reconcile::reconcile))
        .route("/v1/cost/overrides", get(price_overrides::list).post(price_overrides::create))
        .route("/v1/cost/overrides/{id}", put(price_overrides::replace).delete(price_overrides::remove))
        .route("/v1/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/v1/webhooks/{id}", patch(webhooks::change).delete(webhooks::remove))
        .route("/v1/webhooks/{id}/test", post(webhooks::test))
        .route("/v1/webhooks/{id}/dead-letters", get(webhooks::dead_letters::list))
        .route("/v1/webhooks/{id}/dead-letters/{letter_id}", delete(webhooks::dead_letters::remove))
        .route("/v1/webhooks/{id}/dead-letters/{letter_id}/retry", post(webhooks::dead_letters::retry))
        .route("/v1/import/helicone", post(import::helicone))
        .route("/v1/audit", get(audit::list))
        .route("/v1/providers", get(providers::list))
        .route("/v1/organization", get(organization::read).patch(organization::rename))
        .route("/v1/organization/members", get(members::list))
        .route("/v1/organization/members/{id}", patch(members::change).delete(members::remove))
        .route("/v1/organization/invitations", get(invitations::list).post(invitations::create))
        .route("/v1/organization/invitations/{id}", delete(invitations::revoke))
        .route("/v1/admin/domains", get(admin::domains))
        .route("/v1/admin/domains/{id}/approve", post(admin::approve_domain))
        .route("/v1/admin/domains/{id}/reject", post(admin::reject_domain))
        .route("/v1/admin/organizations", get(admin::organizations).post(admin::create_organization))
        .route("/v1/admin/organizations/{id}/api-keys", post(admin::create_key))
        .merge(figures::routes())
        .merge(groups())
        .merge(desk())
        .merge(mappers())
        .merge(vault())
        .merge(intake())
        .route("/healthcheck", get(health::healthcheck))
        .route("/openapi.json", get(openapi::document))
}

/// Returns the one route that pages of other origins call.
fn feedback() -> MethodRouter<ApiState> {
    post(feedback::give).options(feedback::preflight).layer(map_response(feedback::open_to_pages))
}

/// Returns the routes about sessions, users and properties as a whole.
fn groups() -> Router<ApiState> {
    Router::new()
        .route("/v1/session/query", post(sessions::list::list))
        .route("/v1/session/count", post(sessions::list::count))
        .route("/v1/session/name/query", post(sessions::names::list))
        .route("/v1/session/metrics/query", post(sessions::list::metrics))
        .route("/v1/session/{id}/feedback", post(sessions::annotate::rate))
        .route("/v1/session/{id}/tag", get(sessions::annotate::tag).post(sessions::annotate::set_tag))
        .route("/v1/user/query", post(users::usage))
        .route("/v1/user/metrics/query", post(users::metrics))
        .route("/v1/user/metrics-overview/query", post(users::overview))
        .route("/v1/property/query", post(properties::list))
        .route("/v1/property/hidden/query", post(properties::hidden))
        .route("/v1/property/hide", post(properties::hide))
        .route("/v1/property/restore", post(properties::restore))
        .route("/v1/property/{id}/search", post(properties::search))
        .route("/v1/property/{id}/top-costs/query", post(properties::top_costs))
        .route("/v1/property/{id}/top-requests/query", post(properties::top_requests))
        .route("/v1/customer/query", post(customers::list))
        .route("/v1/customer/{id}/usage/query", post(customers::usage))
}

/// Returns the routes about who signs in, which only the API's own listener has.
fn account() -> Router<ApiState> {
    Router::new()
        .route("/v1/account", get(profile::read).patch(profile::rename))
        .route("/v1/account/options", get(sign_in::options))
        .route("/v1/account/sign-in", post(sign_in::sign_in))
        .route("/v1/account/sign-out", post(sign_in::sign_out))
        .route("/v1/account/first", post(links::first_visit))
        .route("/v1/account/invitation", post(links::accept_invitation))
        .route("/v1/account/invitation/read", post(links::read_invitation))
        .route("/v1/account/new-password", post(links::set_password))
        .route("/v1/account/oidc/start", get(oidc::start))
        .route("/v1/account/oidc/callback", get(oidc::callback))
        .route("/v1/account/password", post(profile::change_password))
        .route("/v1/account/organization", post(profile::switch))
        .route("/v1/account/sessions", get(browser_sessions::list).delete(browser_sessions::end_others))
        .route("/v1/account/sessions/{id}", delete(browser_sessions::end))
}

/// Returns the routes about questions in SQL and saved filters.
fn desk() -> Router<ApiState> {
    let saved_query = get(saved::read).put(saved::replace).delete(saved::remove);
    let saved_filter = get(saved_filters::read).patch(saved_filters::change).delete(saved_filters::remove);
    Router::new()
        .route("/v1/helicone-sql/schema", get(hql::schema))
        .route("/v1/helicone-sql/execute", post(hql::execute))
        .route("/v1/helicone-sql/download", post(hql::download))
        .route("/v1/helicone-sql/saved-queries", get(saved::list))
        .route("/v1/helicone-sql/saved-queries/bulk-delete", post(saved::remove_many))
        .route("/v1/helicone-sql/saved-query", post(saved::create))
        .route("/v1/helicone-sql/saved-query/{id}", saved_query)
        .route("/v1/filter", get(saved_filters::list).post(saved_filters::create))
        .route("/v1/filter/{id}", saved_filter)
}

/// Returns the routes about mappers.
fn mappers() -> Router<ApiState> {
    Router::new()
        .route("/v1/mappers", get(mappers::list))
        .route("/v1/mappers/{id}", get(mappers::read).delete(mappers::remove))
        .route("/v1/mappers/{id}/infer", post(mappers::infer))
        .route("/v1/mappers/{id}/approve", post(mappers::approve))
        .route("/v1/mappers/{id}/decline", post(mappers::decline))
        .route("/v1/mappers/{id}/rollback", post(mappers::roll_back))
}

/// Returns the routes about the vault.
fn vault() -> Router<ApiState> {
    let one = get(provider_keys::read).patch(provider_keys::change).delete(provider_keys::remove);
    Router::new()
        .route("/v1/api-keys/provider-keys", get(provider_keys::list))
        .route("/v1/api-keys/provider-key", post(provider_keys::create))
        .route("/v1/api-keys/provider-key/{id}", one)
        .route("/v1/api-keys/proxy-keys", get(proxy_keys::list))
        .route("/v1/api-keys/proxy-key", post(proxy_keys::create))
        .route("/v1/api-keys/proxy-key/{id}", delete(proxy_keys::revoke))
        .route("/v1/vault/add", post(legacy::add))
        .route("/v1/vault/keys", get(legacy::keys))
        .route("/v1/vault/key/{id}", get(legacy::key))
        .route("/v1/vault/update/{id}", patch(legacy::update))
        .route("/v1/vault/{id}", delete(legacy::remove))
}

/// Returns the routes that take records of calls which did not go through the gateway.
fn intake() -> Router<ApiState> {
    let routes = [
        ("/oai/v1/log", post(manual::log_openai)),
        ("/anthropic/v1/log", post(manual::log_anthropic)),
        ("/googleapis/v1/log", post(manual::log_google)),
        ("/custom/v1/log", post(manual::log_custom)),
        ("/v1/trace/custom/v1/log", post(manual::log_custom)),
        ("/v1/trace/custom/log", post(manual::log_custom)),
        ("/v1/trace/custom/log/typed", post(manual::log_custom)),
        ("/v1/trace/log", post(traces::log)),
        ("/v1/trace/log-python", post(traces::log_protobuf)),
    ];
    routes.into_iter().fold(Router::new(), |router, (path, route)| {
        // A package of Helicone's puts the path behind a URL that ends with a slash.
        router.route(&format!("/{path}"), route.clone()).route(path, route)
    })
}

/// Answers a path that is no route.
pub(crate) async fn unknown_route() -> ApiError {
    ApiError::new(ErrorKind::UnknownRoute, "there is no such route")
}

/// Answers a known route asked with a wrong method.
async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorKind::MethodNotAllowed, "this route does not have that method, see `Allow`")
}
