//! People who are signed in, without the work of signing them in.

use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use gatehouse_seal::hash_password;
use gatehouse_store::accounts::{AccountChange, Admission, Membership, Role, StoredSession, Token, User};
use gatehouse_store::audit::Action;
use gatehouse_store::control::Change;
use gatehouse_types::{Clock, OrganizationId, Redacted, SessionId, SystemClock, UserId};
use serde_json::Value;

use crate::client::{Answer, Call, TestApi};

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) token: String,
    /// What a page of theirs sends beside the cookie.
    pub(crate) proof: String,
}

impl Person {
    /// Returns the header with their cookie.
    pub(crate) fn cookie(&self) -> String {
        format!("theme=dark; gatehouse_session={}", self.token)
    }
}

impl Call {
    /// Makes the call as a page of somebody's does.
    pub(crate) fn person(self, person: &Person) -> Self {
        self.header("cookie", person.cookie()).header("gatehouse-csrf", person.proof.clone())
    }

    /// Makes the call as a page of ours does for somebody who is not signed in.
    pub(crate) fn page(self) -> Self {
        self.header("content-type", "application/json")
            .header("origin", "http://gatehouse.test")
            .header("sec-fetch-site", "same-origin")
    }
}

impl TestApi {
    /// Adds somebody to an organisation and signs them in.
    pub(crate) async fn person(
        &self,
        organization_id: OrganizationId,
        role: Role,
        is_installation_admin: bool,
    ) -> Result<Person> {
        let (id, now) = (UserId::generate(), SystemClock.now());
        let user = User {
            id,
            email: format!("{}-{id}@example.com", role.as_str()),
            name: role.as_str().to_owned(),
            password_hash: Some(password_hash()?),
            outside_id: None,
            is_installation_admin,
            created_at: now,
        };
        let email = user.email.clone();
        let membership = Membership { organization_id, user_id: id, role, created_at: now };
        self.account(organization_id, AccountChange::AddUser(user, membership, Admission::Operator)).await?;
        let token = Token::generate()?;
        let session = StoredSession {
            id: SessionId::generate(),
            user_id: id,
            organization_id,
            hash: token.hash(),
            user_agent: "test".to_owned(),
            address: "127.0.0.1".to_owned(),
            created_at: now,
            expires_at: now.plus(std::time::Duration::from_hours(1)),
            last_used_at: now,
        };
        self.account(organization_id, AccountChange::AddSession(session, None)).await?;
        self.installation.refresh().await?;
        Ok(Person { id, email, token: token.expose().to_owned(), proof: token.page_proof() })
    }

    /// Makes a change about people behind the API's back.
    pub(crate) async fn account(&self, id: OrganizationId, change: AccountChange) -> Result<()> {
        self.installation.change(id, Action::UserAdded, Change::Account(Box::new(change))).await
    }

    /// Posts as a page of ours does for somebody who is not signed in.
    pub(crate) async fn post_page(&self, path: &str, body: Value) -> Result<Answer> {
        self.send(Call::post(path, body.to_string()).page()).await
    }

    /// Signs in with a password.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<Answer> {
        self.post_page("/v1/account/sign-in", serde_json::json!({"email": email, "password": password})).await
    }
}

impl Answer {
    /// Returns who is signed in by this answer.
    pub(crate) fn signed_in(&self) -> Result<Person> {
        ensure!(self.status == 200, "{}", self.text());
        let data = self.json()?.get("data").cloned().context("data")?;
        let text = |pointer: &str| data.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let id = text("/user/id").as_deref().and_then(UserId::parse).context("an id")?;
        let (email, proof) =
            (text("/user/email").context("an e-mail")?, text("/csrf_token").context("a proof")?);
        Ok(Person { id, email, proof, token: self.session_token()? })
    }

    /// Returns the token in the cookie that this answer sets.
    pub(crate) fn session_token(&self) -> Result<String> {
        let cookie = self.header(hyper::header::SET_COOKIE);
        let (_, rest) = cookie.split_once("gatehouse_session=").context("a cookie")?;
        Ok(rest.split(';').next().unwrap_or_default().to_owned())
    }
}

/// Returns the hash of [`PASSWORD`], made once: it takes its time.
fn password_hash() -> Result<Redacted<String>> {
    static HASH: OnceLock<Redacted<String>> = OnceLock::new();
    if HASH.get().is_none() {
        // Another test may have been faster.
        drop(HASH.set(hash_password(PASSWORD)?));
    }
    HASH.get().cloned().context("a hash")
}
