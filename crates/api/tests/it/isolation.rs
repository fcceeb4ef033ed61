//! Two organisations: what one does makes no difference to what the other is told.
//!
//! The same calls of one organisation are made in two worlds, one of which lacks the other organisation. Any
//! difference between the answers, apart from new ids, keys and times, is something the one learnt of the other.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use gatehouse_types::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::Value;
use uuid::Uuid;

use crate::client::{Answer, TestApi};
use crate::installation::{BOTH_KEY, Installation, OTHER_KEY, OTHER_READ_KEY, WRITE_KEY, ours, theirs};
use crate::memory_log::full_row;
use crate::operations::{Operation, words};
use crate::permissions::{Needs, needs};

/// How many scripts are tried, and how long one is at most.
const SCRIPTS: u32 = 24;
const MAX_STEPS: usize = 50;
const NOBODYS: &str = "00000000-0000-0000-0000-00000000dead";

/// One call of a script.
#[derive(Clone, Debug)]
struct Step {
    is_ours: bool,
    has_all_permissions: bool,
    operation: usize,
    about: About,
    variant: u8,
}

/// Which id a call is about: the caller's own one of a number, the other's, or nobody's.
#[derive(Clone, Debug)]
enum About {
    Own(usize),
    Foreign(usize),
    Nobodys,
}

fn step(operations: usize) -> impl Strategy<Value = Step> {
    let about = prop_oneof![
        3 => (0..8_usize).prop_map(About::Own),
        3 => (0..8_usize).prop_map(About::Foreign),
        1 => Just(About::Nobodys),
    ];
    let parts = (any::<bool>(), prop::bool::weighted(0.9), 0..operations, about, 0..3_u8);
    parts.prop_map(|(is_ours, has_all_permissions, operation, about, variant)| Step {
        is_ours,
        has_all_permissions,
        operation,
        about,
        variant,
    })
}

/// A call of the other organisation as it was made, and what came back.
struct Told {
    operation: usize,
    has_all_permissions: bool,
    /// An id of its own by number, which differs between worlds; any other as it is.
    about: Result<usize, String>,
    variant: u8,
    answer: String,
}

/// A running API and the ids that either organisation has seen.
struct World {
    api: TestApi,
    operations: Vec<Operation>,
    own: Vec<String>,
    foreign: Vec<String>,
    names: Names,
}

impl World {
    async fn new(installation: Installation, rows: Vec<gatehouse_store::log::LogRow>) -> Result<Self> {
        let api = TestApi::with_installation(rows, installation).await?;
        let (own, foreign) = (vec![row_id(1)], vec![row_id(2)]);
        Ok(Self { api, operations: of_organizations()?, own, foreign, names: Names::default() })
    }

    /// Makes a call of the other organisation and returns what it is told, with ids by number.
    async fn theirs(&mut self, step: &Told, id: &str) -> Result<String> {
        let key = if step.has_all_permissions { OTHER_KEY } else { OTHER_READ_KEY };
        let operation = self.operations.get(step.operation).context("an operation")?;
        let answer = self.api.send(operation.call(id, step.variant).key(key)).await?;
        self.foreign.extend(new_id(operation, &answer));
        let headers: Vec<_> = answer.headers.iter().filter(|(name, _)| *name != "date").collect();
        let text = format!("{} {headers:?} {}", answer.status, answer.text());
        Ok(self.names.replace(&text))
    }

    /// Makes a call of our organisation.
    async fn ours(&mut self, step: &Step) -> Result<()> {
        let id = pick(&step.about, &self.own, &self.foreign);
        let key = if step.has_all_permissions { BOTH_KEY } else { WRITE_KEY };
        let operation = self.operations.get(step.operation).context("an operation")?;
        let answer = self.api.send(operation.call(&id, step.variant).key(key)).await?;
        self.own.extend(new_id(operation, &answer));
        Ok(())
    }
}

/// Returns the operations that an organisation can make; signing in is nobody's yet, and counts tries of all.
fn of_organizations() -> Result<Vec<Operation>> {
    let mut all = Operation::all()?;
    all.retain(|operation| needs(&operation.id) != Some(Needs::Page));
    Ok(all)
}

fn row_id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

fn pick(about: &About, own: &[String], foreign: &[String]) -> String {
    let from = |ids: &[String], number: usize| ids.get(number % ids.len().max(1)).cloned();
    let picked = match about {
        About::Own(number) => from(own, *number),
        About::Foreign(number) => from(foreign, *number),
        About::Nobodys => None,
    };
    picked.unwrap_or_else(|| NOBODYS.to_owned())
}

/// Returns the id of what a call made.
fn new_id(operation: &Operation, answer: &Answer) -> Option<String> {
    let json: Value = serde_json::from_slice(&answer.body).ok()?;
    let id = json.pointer("/data/id").or_else(|| json.get("id"))?.as_str()?;
    (operation.method == "POST" && answer.status.is_success()).then(|| id.to_owned())
}

/// Numbers instead of ids and hashes; times and keys are all the same.
#[derive(Default)]
struct Names(HashMap<String, usize>);

impl Names {
    fn replace(&mut self, text: &str) -> String {
        words(text).map(|word| self.name(word)).collect()
    }

    fn name(&mut self, word: &str) -> String {
        let is_hash = word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash || Uuid::try_parse(word).is_ok() {
            let next = self.0.len();
            return format!("<{}>", self.0.entry(word.to_owned()).or_insert(next));
        }
        // A proxy key ends in its own id.
        if let Some((_, id)) =
            word.split_once("sk-helicone-proxy-").and_then(|(_, key)| key.split_at_checked(32))
        {
            return format!("<key>{}", self.name(id));
        }
        if word.starts_with("sk-helicone-") && word.len() == OTHER_KEY.len() {
            return "<key>".to_owned();
        }
        // The name of a file tells when it was made.
        if word.starts_with("gatehouse-requests-") {
            return "<file>".to_owned();
        }
        let is_time = word.contains('T') && Timestamp::parse(word).is_some();
        if is_time { "<time>".to_owned() } else { word.to_owned() }
    }
}

/// Plays a script where both organisations are, then what the other one did where it is alone.
async fn check(script: Vec<Step>) -> Result<()> {
    let rows = || vec![full_row(ours(), 1), full_row(theirs(), 2)];
    let mut shared = World::new(Installation::two_organizations().await?, rows()).await?;
    let mut told = Vec::new();
    for step in script.into_iter().chain(everything_read(&shared.operations)) {
        if step.is_ours {
            shared.ours(&step).await?;
            continue;
        }
        let about = match step.about {
            About::Own(number) => Ok(number % shared.foreign.len()),
            About::Foreign(_) | About::Nobodys => Err(pick(&step.about, &shared.foreign, &shared.own)),
        };
        let id = match &about {
            Ok(number) => shared.foreign.get(*number).cloned().context("an id")?,
            Err(id) => id.clone(),
        };
        let Step { operation, has_all_permissions, variant, .. } = step;
        let mut call = Told { operation, has_all_permissions, about, variant, answer: String::new() };
        call.answer = shared.theirs(&call, &id).await?;
        told.push(call);
    }
    let mut alone = World::new(Installation::only_theirs().await?, vec![full_row(theirs(), 2)]).await?;
    for call in told {
        let id = match &call.about {
            Ok(number) => alone.foreign.get(*number).cloned().context("an id that the other world had")?,
            Err(id) => id.clone(),
        };
        let answer = alone.theirs(&call, &id).await?;
        let operation = alone.operations.get(call.operation);
        ensure!(answer == call.answer, "{operation:?} told\n{}\nand alone\n{answer}", call.answer);
    }
    Ok(())
}

/// Returns calls of the other organisation that read everything there is.
fn everything_read(operations: &[Operation]) -> Vec<Step> {
    let reads = operations.iter().enumerate();
    let reads = reads.filter(|(_, operation)| operation.method == "GET" || operation.id.contains("Requests"));
    let numbers = (0..3).map(About::Own).chain((0..3).map(About::Foreign));
    let step =
        |operation, about| Step { is_ours: false, has_all_permissions: true, operation, about, variant: 0 };
    let each = |(number, operation): (usize, &Operation)| {
        let ids = if operation.needs_id() { 6 } else { 1 };
        numbers.clone().take(ids).map(move |about| step(number, about))
    };
    reads.flat_map(each).collect()
}

#[test]
fn no_organization_learns_of_another() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let operations = of_organizations()?.len();
    let mut runner =
        TestRunner::new(Config { cases: SCRIPTS, failure_persistence: None, ..Config::default() });
    let script = vec(step(operations), 1..MAX_STEPS);
    let run =
        |script| runtime.block_on(check(script)).map_err(|error| TestCaseError::fail(format!("{error:?}")));
    runner.run(&script, run).map_err(|error| anyhow::anyhow!("{error}"))
}
