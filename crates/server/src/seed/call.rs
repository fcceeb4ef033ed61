//! One seeded call: what becomes of it, how long it takes, and the record that the gateway would have made of it.

use std::time::Duration;

use gatehouse_store::log::{Annotation, Annotations, Content, FeedbackValue, RATING};
use gatehouse_types::{
    Attempt, CacheStatus, CacheUse, Exchange, ExchangeMeta, GuardUse, LimitUse, Outcome, RequestId, Source,
    Timestamp, Timing,
};

use super::bodies::{Asked, Talk, cut, json};
use super::models::Model;
use super::random::{Random, whole};
use super::world::{Caller, Moment, World};

/// What limits calls of users.
const POLICY: &str = "1000;w=60;u=request;s=user";
/// How many calls with the cache on are answered by it.
const HITS: f64 = 0.45;

/// A call that was made up.
pub(super) struct Seeded {
    pub(super) exchange: Exchange,
    pub(super) country: &'static str,
    pub(super) annotations: Annotations,
}

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Answered,
    Failed(i32),
    TimedOut,
    ClientGone,
    Limited,
    Threat,
}

/// An answer that the cache may give again.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    request_id: RequestId,
    took_us: u64,
}

/// Makes up the call of a moment; `kept` is an answer that the cache has, and is replaced by what it gets.
pub(super) fn call(
    world: &World,
    random: &mut Random,
    moment: &Moment,
    kept: &mut Option<Kept>,
) -> Option<Seeded> {
    let model = world.model(random)?;
    let caller = world.caller(random, moment);
    let trouble = world.timeline.trouble(model.provider, moment.at);
    let fate = fate(random, trouble.map(|trouble| (trouble.rate, trouble.status)));
    let talk = Talk::new(random, model, &caller.prose);
    let id = random.wide();
    let is_stream = talk.tool.is_none() && random.chance(model.streams);
    let seconds = moment.at.as_unix_micros() / 1_000_000;
    let asked = Asked { model, talk: &talk, id, seconds, is_stream };
    let slowness = if trouble.is_some() { 2.2 } else { 1.0 };
    let mut meta = meta(world, random, (moment, model), &caller);
    meta.timing = timing(random, &asked, slowness);
    end(&mut meta, fate, &asked);
    if random.chance(0.06) && matches!(fate, Fate::Answered) {
        meta.cache = Some(cached(random, &mut meta, kept));
    }
    if random.chance(0.3) || fate == Fate::Limited {
        let is_refused = fate == Fate::Limited;
        meta.rate_limit = Some(LimitUse { policy: POLICY.to_owned(), is_refused, error: None });
    }
    if random.chance(0.03) || fate == Fate::Threat {
        meta.guards.push(guard(random, fate == Fate::Threat));
    }
    if random.chance(0.02) && fate == Fate::Answered && meta.cache.is_none() {
        tried_again(random, &mut meta, model);
    }
    let response = match fate {
        Fate::Answered => asked.response(),
        Fate::ClientGone => cut(asked.response()),
        Fate::Failed(status) => asked.failure(status),
        Fate::TimedOut => gatehouse_types::Body::default(),
        Fate::Limited => refusal("rate_limited", "rate limit reached: 1000 calls a minute for each user"),
        Fate::Threat => {
            refusal("PROMPT_THREAT_DETECTED", "Prompt threat detected. Your request cannot be processed.")
        }
    };
    let ended = moment.at.plus(Duration::from_micros(meta.timing.total_us));
    let annotations =
        if fate == Fate::Answered { annotations(random, ended) } else { Annotations::default() };
    let exchange = Exchange { meta, request: asked.request(), response };
    Some(Seeded { exchange, country: caller.country, annotations })
}

fn fate(random: &mut Random, trouble: Option<(f64, i32)>) -> Fate {
    if let Some((rate, status)) = trouble
        && random.chance(rate)
    {
        return Fate::Failed(status);
    }
    match random.unit() {
        draw if draw < 0.009 => {
            Fate::Failed(random.pick(&[429, 429, 429, 500, 500, 503, 400, 400, 401, 404]))
        }
        draw if draw < 0.0105 => Fate::TimedOut,
        draw if draw < 0.0145 => Fate::ClientGone,
        draw if draw < 0.0255 => Fate::Limited,
        draw if draw < 0.0270 => Fate::Threat,
        _ => Fate::Answered,
    }
}

/// Returns the facts of a call whatever becomes of it.
fn meta(
    world: &World,
    random: &mut Random,
    (moment, model): (&Moment, &Model),
    caller: &Caller,
) -> ExchangeMeta {
    let millis = u64::try_from(moment.at.as_unix_micros() / 1_000).unwrap_or(0);
    let mut bytes = [0; 10];
    bytes.iter_mut().zip(random.wide().to_le_bytes()).for_each(|(byte, drawn)| *byte = drawn);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid();
    ExchangeMeta {
        key_id: world.keys.get(random.below(world.keys.len())).copied(),
        method: "POST".to_owned(),
        path: model.path.to_owned(),
        target_url: format!("{}{}", model.origin, model.path),
        provider: model.provider.into(),
        attempts: 1,
        status: 200,
        user_id: caller.user_id.clone(),
        properties: caller.properties.clone(),
        prompt_id: caller.prompt.map(|(id, _)| id.to_owned()),
        prompt_version: caller.prompt.map(|(_, version)| version.to_owned()),
        source: match random.unit() {
            draw if draw < 0.02 => Source::Manual,
            draw if draw < 0.03 => Source::Trace,
            _ => Source::Gateway,
        },
        ..ExchangeMeta::new(RequestId::from_uuid(id), world.organization_id, moment.at)
    }
}

fn timing(random: &mut Random, asked: &Asked<'_>, slowness: f64) -> Timing {
    let (model, counts) = (asked.model, asked.talk.counts);
    let first = random.log_normal(model.first_ms * slowness, model.spread) * 1e3;
    let per_token = random.log_normal(model.token_ms * slowness, 0.15) * 1e3;
    let thought = counts.reasoning as f64 * per_token * 0.5;
    let answered = counts.answer as f64 * per_token;
    let total = whole(first + thought + answered);
    let head = if asked.is_stream { whole(first * 0.8) } else { total.saturating_sub(900) };
    Timing {
        connect_us: random.chance(0.04).then(|| whole(random.log_normal(38_000.0, 0.4))),
        first_byte_us: Some(head),
        first_token_us: asked.is_stream.then(|| whole(first + thought)),
        total_us: total,
    }
}

/// Enters what became of a call.
fn end(meta: &mut ExchangeMeta, fate: Fate, asked: &Asked<'_>) {
    let (outcome, status, kind) = match fate {
        Fate::Answered => return,
        Fate::Failed(status) => (Outcome::Complete, status, None),
        Fate::TimedOut => (Outcome::TimedOut, -2, Some("upstream_timeout")),
        Fate::ClientGone => (Outcome::ClientGone, -3, None),
        Fate::Limited => (Outcome::Refused, 429, Some("rate_limited")),
        Fate::Threat => (Outcome::Refused, -4, Some("PROMPT_THREAT_DETECTED")),
    };
    meta.outcome = outcome;
    meta.status = status;
    meta.error_kind = kind.map(str::to_owned);
    let is_streaming = asked.is_stream && fate == Fate::ClientGone;
    if !is_streaming {
        meta.timing.first_token_us = None;
    }
    match fate {
        Fate::TimedOut => {
            meta.timing = Timing { total_us: 60_000_000, ..Timing::default() };
        }
        Fate::Limited | Fate::Threat => {
            meta.attempts = 0;
            let total_us = if fate == Fate::Limited { 700 } else { 90_000 };
            meta.timing = Timing { total_us, ..Timing::default() };
        }
        Fate::ClientGone => meta.timing.total_us = meta.timing.total_us.saturating_mul(2) / 3,
        _ => {
            meta.timing.total_us /= 4;
            meta.timing.first_byte_us = Some(meta.timing.total_us);
        }
    }
}

/// Returns what the cache did for a call, which is quick where it had the answer.
fn cached(random: &mut Random, meta: &mut ExchangeMeta, kept: &mut Option<Kept>) -> CacheUse {
    let Some(Kept { request_id, took_us }) = kept.filter(|_| random.chance(HITS)) else {
        *kept = Some(Kept { request_id: meta.request_id, took_us: meta.timing.total_us });
        return CacheUse::default();
    };
    let total_us = whole(random.log_normal(1_900.0, 0.5));
    let streams = meta.timing.first_token_us.is_some();
    meta.timing = Timing {
        connect_us: None,
        first_byte_us: Some(total_us / 2),
        first_token_us: streams.then_some(total_us / 2),
        total_us,
    };
    meta.attempts = 0;
    CacheUse {
        status: CacheStatus::Hit,
        reference_id: Some(request_id),
        bucket_index: Some(0),
        original_us: Some(took_us),
    }
}

fn guard(random: &mut Random, is_denied: bool) -> GuardUse {
    GuardUse {
        name: "prompt-shield".to_owned(),
        kind: "security".to_owned(),
        is_denied,
        reason: is_denied.then(|| "asks to ignore its instructions".to_owned()),
        took_us: whole(random.log_normal(70_000.0, 0.3)),
    }
}

/// Enters that the provider failed at first.
fn tried_again(random: &mut Random, meta: &mut ExchangeMeta, model: &Model) {
    let lost_us = whole(random.log_normal(800_000.0, 0.5));
    let timing = &mut meta.timing;
    timing.total_us += lost_us;
    timing.first_byte_us = timing.first_byte_us.map(|micros| micros + lost_us);
    timing.first_token_us = timing.first_token_us.map(|micros| micros + lost_us);
    let attempt = |status, started_us, ended_us| Attempt {
        provider: model.provider.into(),
        origin: model.origin.to_owned(),
        fallback_index: None,
        status: Some(status),
        error_kind: None,
        started_us,
        ended_us,
        connect_us: None,
    };
    let head_us = timing.first_byte_us.unwrap_or(timing.total_us);
    meta.attempts = 2;
    meta.attempt_log =
        vec![attempt(random.pick(&[503, 529, 429]), 0, lost_us / 2), attempt(200, lost_us, head_us)];
}

/// Returns what was said of an answer afterwards.
fn annotations(random: &mut Random, ended: Timestamp) -> Annotations {
    let at = ended.plus(Duration::from_secs_f64(random.log_normal(40.0, 1.2)));
    let mut said = Vec::new();
    let mut say = |name: &str, content| said.extend(Annotation::new(name, content, at));
    let feedback = Content::Feedback;
    if random.chance(0.04) {
        say(RATING, feedback(FeedbackValue::Boolean(random.chance(0.78))));
    }
    if random.chance(0.03) {
        say(
            "helpfulness",
            feedback(FeedbackValue::Numerical((random.between(1.0, 5.0) * 10.0).round() / 10.0)),
        );
    }
    if random.chance(0.02) {
        say("grounded", feedback(FeedbackValue::Boolean(random.chance(0.9))));
    }
    if random.chance(0.004) {
        say("Escalated", Content::Property("true".to_owned()));
    }
    if said.is_empty() {
        Annotations::default()
    } else {
        Annotations::default().with(&said).unwrap_or_default()
    }
}

fn refusal(code: &str, message: &str) -> gatehouse_types::Body {
    json(format!(
        r#"{{"error":{{"message":"{message}","type":"gatehouse_error","param":null,"code":"{code}"}}}}"#
    ))
}
