//! Which limits hold for a call, and how much of each it claims.

use gatehouse_policy::rate::{Policy, Segment, Unit, segment_value};
use gatehouse_store::limits::{Claim, LimitRule, LimitSource, Spending};
use gatehouse_store::pricing::{Prospect, estimate_of};
use gatehouse_store::vault::ProxyKeyLimit;
use gatehouse_types::Dialect;
use gatehouse_wire::{RequestSize, request_size};
use http::header::{HeaderName, HeaderValue};

use super::standing;
use crate::blocking::off_thread;
use crate::finish::Recording;
use crate::plan::Plan;
use crate::upload::HeldBody;
use crate::vault::Grant;
use crate::worker::Worker;

/// How many tokens an answer is taken to have that may have any number.
const USUAL_OUTPUT_TOKENS: u64 = 1_000;
const ERROR: HeaderName = HeaderName::from_static("helicone-ratelimit-error");

/// What a call claims, and what its caller is told of policies that can't be applied.
#[derive(Default)]
pub(super) struct Claims {
    pub(super) claims: Vec<Claim>,
    pub(super) marks: Vec<(HeaderName, HeaderValue)>,
    pub(super) error: Option<String>,
}

/// A limit that holds for a call.
type Limit = (LimitSource, LimitRule);

/// Returns whether a limit of the call is one of cost or tokens, for which its body has to be looked at, or
/// one for each user, who may stand in it.
pub(crate) fn needs_estimate(worker: &Worker, plan: &Plan) -> bool {
    let needs_body = |rule: &LimitRule| {
        let by_user = matches!(rule, LimitRule::Bucket(Policy { segment: Segment::User, .. }));
        rule.unit() != Unit::Request || by_user
    };
    limits(worker, plan).0.iter().any(|(_, rule)| needs_body(rule))
}

/// Returns the claims of a call.
pub(super) async fn of(worker: &Worker, plan: &mut Plan) -> Claims {
    let (limits, error) = limits(worker, plan);
    let mut claims = Claims::default();
    if let Some(error) = error {
        if let Ok(value) = HeaderValue::try_from(&error) {
            claims.marks.push((ERROR, value));
        }
        claims.error = Some(error);
    }
    if limits.is_empty() {
        return claims;
    }
    let size = size_of(plan.payload.held(), plan.recording.dialect()).await;
    let estimate = estimate(worker, &mut plan.recording, &size);
    for (source, rule) in limits {
        let value = match &rule {
            LimitRule::Bucket(policy) => segment_of(policy, plan, &size),
            LimitRule::Window(_) => Some(String::new()),
        };
        match value {
            Some(value) => {
                let mut claim = Claim::new(source, rule, value, estimate);
                // A guess must not refuse for good what may use less: it takes all there is, at most. A proxy
                // key's limits are exact.
                if let LimitRule::Bucket(policy) = &claim.rule {
                    claim.amount = claim.amount.min(policy.rate().capacity());
                }
                claims.claims.push(claim);
            }
            // As with Helicone: who is in no segment is not limited by it, and told only the policy.
            None => claims.marks.extend(standing::policy_marks(&rule.policy())),
        }
    }
    claims
}

/// Returns what a call claims of the limits of a fallback's own proxy key.
pub(super) async fn of_grant(
    worker: &Worker,
    recording: &mut Recording,
    grant: &Grant,
    body: Option<&HeldBody>,
) -> Vec<Claim> {
    let size = size_of(body, recording.dialect()).await;
    let estimate = estimate(worker, recording, &size);
    let source = LimitSource::ProxyKey(grant.key.proxy_key_id);
    let claim =
        |limit: &ProxyKeyLimit| Claim::new(source, LimitRule::Window(*limit), String::new(), estimate);
    grant.key.limits.iter().map(claim).collect()
}

/// Returns how large a call is; of one whose body is not here nothing is known.
async fn size_of(body: Option<&HeldBody>, dialect: Dialect) -> RequestSize {
    let Some(body) = body.map(|body| body.bytes().clone()) else { return RequestSize::default() };
    off_thread(body.len(), move || request_size(&body, dialect)).await.unwrap_or_default()
}

/// Returns the limits that hold for a call, and what is wrong with a policy of its headers.
fn limits(worker: &Worker, plan: &Plan) -> (Vec<Limit>, Option<String>) {
    let Some(caller) = &plan.caller else { return (Vec::new(), None) };
    let (mut limits, mut error): (Vec<Limit>, _) = (Vec::new(), None);
    match &plan.options.rate_limit {
        Some(Ok(policies)) => {
            limits.extend(
                policies.iter().map(|policy| (LimitSource::Header, LimitRule::Bucket(policy.clone()))),
            );
        }
        Some(Err(problem)) => error = Some(problem.to_string()),
        None => {}
    }
    let view = worker.shared.view.load();
    for rule in view.rate_limits.of(caller.organization_id, caller.key_id) {
        limits.push((LimitSource::Rule(rule.id), LimitRule::Bucket(rule.policy.clone())));
    }
    if let Some(grant) = &caller.grant {
        let source = LimitSource::ProxyKey(grant.key.proxy_key_id);
        limits.extend(grant.key.limits.iter().map(|limit| (source, LimitRule::Window(*limit))));
    }
    (limits, error)
}

/// Returns whose share of a policy a call takes; `None` where it is nobody's.
fn segment_of(policy: &Policy, plan: &mut Plan, size: &RequestSize) -> Option<String> {
    let meta = plan.recording.meta();
    match &policy.segment {
        Segment::Global => Some(String::new()),
        Segment::User => {
            let user = meta.and_then(|meta| meta.user_id.as_ref()).or(size.user.as_ref());
            user.and_then(|user| segment_value(user))
        }
        Segment::Property(name) => {
            let properties = meta.map(|meta| meta.properties.as_slice()).unwrap_or_default();
            let found = properties.iter().find(|(property, _)| property.eq_ignore_ascii_case(name));
            found.and_then(|(_, value)| segment_value(value))
        }
    }
}

/// Returns what the call will use, roughly: that much is set aside until it is known.
fn estimate(worker: &Worker, recording: &mut Recording, size: &RequestSize) -> Spending {
    let output_tokens = size.max_output_tokens.unwrap_or(USUAL_OUTPUT_TOKENS);
    let tokens = size.input_tokens_estimate.saturating_add(output_tokens);
    let Some(meta) = recording.meta() else { return Spending::default() };
    // The model that the caller names in a header makes no call cheaper than the one that it asks for.
    let view = worker.shared.view.load();
    let overrides = view.prices.of(meta.organization_id);
    let models = [meta.model_override.as_deref(), size.model.as_deref()].into_iter().flatten();
    let estimates = models.filter_map(|model| {
        let call = Prospect {
            provider: &meta.provider,
            target_url: &meta.target_url,
            model,
            input_tokens: size.input_tokens_estimate,
            output_tokens,
            at: meta.started_at,
        };
        estimate_of(&worker.shared.catalog, overrides, call)
    });
    Spending { cost: estimates.max(), tokens: Some(tokens) }
}
