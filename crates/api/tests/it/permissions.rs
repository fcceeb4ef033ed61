//! Which key may do what: every operation with every kind of key.

use anyhow::{Context, Result};

use crate::client::TestApi;
use crate::installation::{
    ADMIN_KEY, ADMIN_READ_KEY, BOTH_KEY, EXPIRED_KEY, READ_KEY, REVOKED_KEY, UNKNOWN_KEY, WRITE_KEY,
};
use crate::operations::Operation;

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// A page of ours, without a session.
    Page,
    /// Somebody who is signed in; a key will not do.
    Person,
    Read,
    Write,
    Manage,
    /// An owner, or an administrator's key.
    Own,
    Oversee,
    Administrate,
}

/// What an operation about accounts needs, or one that is a metric.
fn of_accounts(operation: &str) -> Option<Needs> {
    Some(match operation {
        "getSignInOptions" | "signIn" | "makeFirstAccount" | "readInvitation" | "acceptInvitation"
        | "setPasswordByLink" | "startSingleSignOn" | "finishSingleSignOn" => Needs::Page,
        "getAccount"
        | "changeAccount"
        | "signOut"
        | "changePassword"
        | "switchOrganization"
        | "listBrowserSessions"
        | "endBrowserSession"
        | "endOtherBrowserSessions" => Needs::Person,
        "changeMember" | "removeMember" | "createInvitation" | "revokeInvitation" | "changeOrganization" => {
            Needs::Own
        }
        "listMembers" | "listInvitations" => Needs::Manage,
        metric if metric.starts_with("queryMetric") => Needs::Read,
        _ => return None,
    })
}

pub(crate) fn needs(operation: &str) -> Option<Needs> {
    of_accounts(operation).or_else(|| of_the_rest(operation))
}

fn of_the_rest(operation: &str) -> Option<Needs> {
    Some(match operation {
        "queryRequestIds"
        | "searchRequests"
        | "tailRequests"
        | "exportRequests"
        | "getRequestAsset"
        | "querySessions"
        | "countSessions"
        | "querySessionNames"
        | "querySessionMetrics"
        | "getSessionTag"
        | "queryUsers"
        | "queryUserMetrics"
        | "queryUserOverview"
        | "queryProperties"
        | "queryHiddenProperties"
        | "searchProperty"
        | "queryPropertyCosts"
        | "queryPropertyRequests"
        | "queryCustomers"
        | "queryCustomerUsage" => Needs::Read,
        "getSqlSchema" | "executeSql" | "downloadSql" | "listSavedQueries" | "getSavedQuery"
        | "listSavedFilters" | "getSavedFilter" => Needs::Read,
        "saveQuery" | "replaceSavedQuery" | "removeSavedQuery" | "removeSavedQueries" | "saveFilter"
        | "changeSavedFilter" | "removeSavedFilter" => Needs::Write,
        "rateSession" | "tagSession" | "hideProperty" | "restoreProperty" => Needs::Write,
        "healthcheck" | "healthz" | "readyz" | "getSignedBody" => Needs::Nothing,
        "getRequest" | "getConversation" | "getRequestInputs" | "queryRequests" | "queryRequestsAlias"
        | "countRequests" | "getCacheStats" | "getOpenApi" | "listDomains" | "getDomain"
        | "listHostRules" | "listProviders" | "getOrganization" | "listRateLimits" | "getRateLimit"
        | "listPriceOverrides" | "summarizeCosts" | "getRequestCost" | "listRepricings" | "getRepricing"
        | "reconcileCosts" | "listMappers" | "getMapper" | "listWebhooks" | "listDeadLetters" => Needs::Read,
        "rateRequest"
        | "replayRequest"
        | "giveFeedback"
        | "scoreRequest"
        | "setRequestProperty"
        | "logProperties"
        | "logOpenAiCall"
        | "logAnthropicCall"
        | "logGoogleCall"
        | "logCustomCall"
        | "logTraces"
        | "importHeliconeRows"
        | "logTracesInProtobuf" => Needs::Write,
        "inferMapping"
        | "approveMapping"
        | "declineMapping"
        | "rollBackMapping"
        | "removeMapper"
        | "repriceCalls"
        | "cancelRepricing"
        | "createPriceOverride"
        | "replacePriceOverride"
        | "removePriceOverride" => Needs::Manage,
        "createRateLimit" | "changeRateLimit" | "removeRateLimit" | "createWebhook" | "changeWebhook"
        | "removeWebhook" | "testWebhook" | "retryDeadLetter" | "removeDeadLetter" => Needs::Manage,
        "listApiKeys" | "createApiKey" | "renameApiKey" | "revokeApiKey" | "createDomain"
        | "verifyDomain" | "removeDomain" | "createHostRule" | "removeHostRule" | "listAuditEntries"
        | "listProviderKeys" | "createProviderKey" | "getProviderKey" | "changeProviderKey"
        | "removeProviderKey" | "listProxyKeys" | "createProxyKey" | "revokeProxyKey" | "addVaultKey"
        | "listVaultKeys" | "getVaultKey" | "updateVaultKey" | "removeVaultKey" => Needs::Manage,
        "metrics" => Needs::Oversee,
        "listAllDomains"
        | "approveDomain"
        | "rejectDomain"
        | "listOrganizations"
        | "createOrganization"
        | "createOrganizationApiKey" => Needs::Administrate,
        _ => return None,
    })
}

/// What a refusal says is missing, per kind of key; nothing where the key will do.
fn missing(key: &str, needs: Needs) -> Option<&'static str> {
    let (reads, writes) = (key != WRITE_KEY, ![READ_KEY, ADMIN_READ_KEY].contains(&key));
    let is_admin = [ADMIN_KEY, ADMIN_READ_KEY].contains(&key);
    match needs {
        Needs::Read | Needs::Oversee if !reads => Some("lack `r`"),
        Needs::Write if !writes => Some("lack `w`"),
        Needs::Person => Some("for people who signed in"),
        Needs::Manage | Needs::Own | Needs::Administrate if !reads || !writes => {
            Some("needs the permissions `rw`")
        }
        Needs::Own | Needs::Oversee | Needs::Administrate if !is_admin => Some("an administrator's key"),
        _ => None,
    }
}

#[tokio::test]
async fn every_operation_takes_the_keys_it_should_and_tells_the_others_why_not() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let refusals = [
        ("sk-proj-notours", "malformed_api_key", "is not of the form"),
        (UNKNOWN_KEY, "invalid_api_key", "is not known"),
        (REVOKED_KEY, "revoked_api_key", "was revoked"),
        (EXPIRED_KEY, "expired_api_key", "has expired"),
    ];
    for operation in Operation::all()? {
        let needs = needs(&operation.id).with_context(|| format!("what does {} need?", operation.id))?;
        let call = || operation.call("00000000-0000-0000-0000-000000000099", 0);
        for (key, code, reason) in refusals {
            let answer = api.send(call().key(key)).await?;
            if needs == Needs::Page {
                continue;
            }
            if needs == Needs::Nothing {
                assert_ne!(answer.status, 401, "{operation:?} with {key}");
                continue;
            }
            assert_eq!(answer.outcome()?, (401, code.to_owned()), "{operation:?} with {key}");
            assert!(answer.message()?.contains(reason), "{}", answer.text());
        }
        for key in [READ_KEY, WRITE_KEY, BOTH_KEY, ADMIN_READ_KEY, ADMIN_KEY] {
            let answer = api.send(call().key(key)).await?;
            if needs == Needs::Page {
                continue;
            }
            let Some(reason) = missing(key, needs) else {
                assert!(![401, 403].contains(&answer.status.as_u16()), "{operation:?}: {}", answer.text());
                continue;
            };
            assert_eq!(answer.outcome()?, (403, "forbidden".to_owned()), "{operation:?} with {key}");
            assert!(answer.message()?.contains(reason), "{operation:?}: {}", answer.text());
        }
    }
    Ok(())
}
