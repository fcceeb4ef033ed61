//! Who makes the seeded calls, for what, and from where.

use gatehouse_store::log::{SESSION_ID, SESSION_NAME, SESSION_PATH};
use gatehouse_types::{KeyId, OrganizationId, Timestamp};
use uuid::Uuid;

use super::models::{MODELS, Model};
use super::random::{Random, Shares};
use super::text::Prose;
use super::timeline::Timeline;

/// How many users there are.
const USERS: u32 = 50_000;
/// How many companies the users belong to.
const TENANTS: u32 = 400;
/// How many calls have no user.
const WITHOUT_USER: f64 = 0.08;
/// How many of the single calls and sessions are sessions.
const SESSIONS: f64 = 0.07;
/// How long a step of a session takes to the next, in seconds: the median.
const STEP_SECONDS: f64 = 7.0;

const FEATURES: &[&str] = &[
    "support-chat",
    "search",
    "summaries",
    "classification",
    "code-review",
    "drafting",
    "translation",
    "onboarding",
    "reports",
    "extraction",
    "tutoring",
    "moderation",
];
const COUNTRIES: &[(&str, f64)] = &[
    ("US", 34.0),
    ("DE", 11.0),
    ("GB", 9.0),
    ("IN", 8.0),
    ("FR", 6.0),
    ("BR", 5.0),
    ("JP", 5.0),
    ("CA", 4.0),
    ("NL", 3.0),
    ("AU", 3.0),
    ("PL", 2.0),
    ("ES", 2.0),
    ("SE", 1.5),
    ("NG", 1.2),
    ("KE", 1.0),
    ("MX", 1.0),
    ("SG", 1.0),
    ("CH", 0.8),
    ("PT", 0.7),
    ("CL", 0.5),
    ("EE", 0.3),
];
const WORKFLOWS: &[Workflow] = &[
    Workflow {
        name: "Support triage",
        paths: &[
            "/triage",
            "/triage/classify",
            "/triage/search",
            "/triage/search/rank",
            "/triage/answer",
            "/triage/answer/check",
        ],
    },
    Workflow {
        name: "Research agent",
        paths: &[
            "/research",
            "/research/plan",
            "/research/plan/search",
            "/research/read",
            "/research/read/extract",
            "/research/write",
            "/research/write/review",
        ],
    },
    Workflow {
        name: "Code review",
        paths: &["/review", "/review/diff", "/review/diff/file", "/review/comment", "/review/verdict"],
    },
    Workflow { name: "Onboarding chat", paths: &["/chat"] },
    Workflow {
        name: "Contract check",
        paths: &["/contract", "/contract/clauses", "/contract/clauses/risk", "/contract/summary"],
    },
];
const PROMPTS: &[&str] = &["support-answer", "triage", "summary-short", "contract-clauses", "tutor"];

struct Workflow {
    name: &'static str,
    paths: &'static [&'static str],
}

/// Everything that does not change from call to call.
pub(super) struct World {
    pub(super) organization_id: OrganizationId,
    pub(super) keys: Vec<KeyId>,
    pub(super) seed: u64,
    pub(super) timeline: Timeline,
    models: Shares,
    users: Shares,
    tenants: Shares,
    features: Shares,
    countries: Shares,
}

/// When a call is made, and for what.
pub(super) struct Moment {
    pub(super) at: Timestamp,
    purpose: Purpose,
}

/// What a call is made for; calls of one session have most of it in common.
#[derive(Clone)]
struct Purpose {
    user: usize,
    feature: usize,
    session: Option<Session>,
}

#[derive(Clone)]
struct Session {
    id: Uuid,
    workflow: usize,
    step: usize,
}

/// Who makes a call and what is said of it.
pub(super) struct Caller {
    pub(super) user_id: Option<String>,
    pub(super) country: &'static str,
    pub(super) properties: Vec<(String, String)>,
    pub(super) prompt: Option<(&'static str, &'static str)>,
    pub(super) prose: Prose,
}

impl World {
    /// Returns the world of a seed.
    pub(super) fn new(
        organization_id: OrganizationId,
        keys: Vec<KeyId>,
        seed: u64,
        timeline: Timeline,
    ) -> Self {
        Self {
            organization_id,
            keys,
            seed,
            timeline,
            models: Shares::new(MODELS.iter().map(|model| model.share)),
            users: Shares::zipf(USERS, 0.95),
            tenants: Shares::zipf(TENANTS, 0.8),
            features: Shares::zipf(12, 0.7),
            countries: Shares::new(COUNTRIES.iter().map(|(_, share)| *share)),
        }
    }

    /// Returns when `count` calls are made that are a part (from `begin` to `end`, both 0 to 1) of all, in order.
    pub(super) fn moments(&self, random: &mut Random, count: usize, (begin, end): (f64, f64)) -> Vec<Moment> {
        let mut moments = Vec::with_capacity(count);
        while moments.len() < count {
            let mut at = self.timeline.at(random.between(begin, end));
            let (user, feature) = (self.users.pick(random), self.features.pick(random));
            if !random.chance(SESSIONS) {
                moments.push(Moment { at, purpose: Purpose { user, feature, session: None } });
                continue;
            }
            let id = uuid::Builder::from_random_bytes(random.wide().to_be_bytes()).into_uuid();
            let workflow = random.below(WORKFLOWS.len());
            for step in 0..(3 + random.below(10)).min(count - moments.len()) {
                let session = Some(Session { id, workflow, step });
                moments.push(Moment { at, purpose: Purpose { user, feature, session } });
                let pause = random.log_normal(STEP_SECONDS, 0.8).min(600.0);
                at = self.timeline.within(at.plus(std::time::Duration::from_secs_f64(pause)));
            }
        }
        moments.sort_by_key(|moment| moment.at);
        moments
    }

    /// Returns which model a call asks for.
    pub(super) fn model(&self, random: &mut Random) -> Option<&'static Model> {
        MODELS.get(self.models.pick(random))
    }

    /// Returns who makes a call.
    pub(super) fn caller(&self, random: &mut Random, moment: &Moment) -> Caller {
        let purpose = &moment.purpose;
        // What a user has is the same in every call.
        let mut of_user = Random::new(self.seed, purpose.user as u64);
        let tenant = self.tenants.pick(&mut of_user);
        let country = self.countries.pick(&mut of_user);
        let environment = match random.unit() {
            draw if draw < 0.83 => "production",
            draw if draw < 0.96 => "staging",
            _ => "development",
        };
        let feature = FEATURES.get(purpose.feature).copied().unwrap_or_default();
        let mut properties = vec![
            ("Environment".to_owned(), environment.to_owned()),
            ("Feature".to_owned(), feature.to_owned()),
            ("Tenant".to_owned(), format!("tenant-{:03}", tenant + 1)),
        ];
        if random.chance(0.4) {
            let week = moment.at.unix_day() / 7;
            properties.push(("AppVersion".to_owned(), format!("4.{}.{}", week % 40, random.below(3))));
        }
        if let Some(session) = &purpose.session {
            properties.extend(session.properties());
        }
        let is_known = !random.chance(WITHOUT_USER);
        Caller {
            user_id: is_known.then(|| format!("user-{:05}", purpose.user + 1)),
            country: COUNTRIES.get(country).map_or("", |(code, _)| *code),
            properties,
            prompt: random.chance(0.15).then(|| (random.pick(PROMPTS), random.pick(&["1", "2", "3"]))),
            prose: Prose::new(random),
        }
    }
}

impl Session {
    fn properties(&self) -> impl Iterator<Item = (String, String)> {
        let workflow = WORKFLOWS.get(self.workflow);
        let paths = workflow.map_or(&[][..], |workflow| workflow.paths);
        let path = paths.get(self.step % paths.len().max(1)).copied().unwrap_or("/");
        let name = workflow.map_or("", |workflow| workflow.name);
        [(SESSION_ID, self.id.to_string()), (SESSION_NAME, name.to_owned()), (SESSION_PATH, path.to_owned())]
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
    }
}
