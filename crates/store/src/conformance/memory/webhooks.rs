//! Webhooks with their dead letters, and the rules that limit calls.

use gatehouse_types::OrganizationId;

use super::{State, add, remove};
use crate::control::{Change, Changed};
use crate::rate_limits::RateLimitRule;
use crate::webhooks::{DeadLetter, MAX_DEAD_LETTERS, Webhook};

impl State {
    pub(super) fn apply_to_webhooks(&mut self, change: Change) -> Changed {
        match change {
            Change::AddWebhook(added) => add(&mut self.webhooks, added, |a, b| a.id == b.id),
            Change::UpdateWebhook(changed) => self.edit_webhook(changed),
            Change::RemoveWebhook(organization_id, id) => {
                let removed = remove(&mut self.webhooks, |found| {
                    (found.organization_id, found.id) == (organization_id, id)
                });
                if removed == Changed::Done {
                    self.dead_letters.retain(|letter| letter.webhook_id != id);
                }
                removed
            }
            Change::RemoveDeadLetter(organization_id, id) => remove(&mut self.dead_letters, |found| {
                (found.organization_id, found.id) == (organization_id, id)
            }),
            Change::AddRateLimit(added) => self.add_rate_limit(added),
            Change::UpdateRateLimit(changed) => self.edit_rate_limit(changed),
            Change::RemoveRateLimit(organization_id, id) => remove(&mut self.rate_limits, |found| {
                (found.organization_id, found.id) == (organization_id, id)
            }),
            other => self.apply_to_prices(other),
        }
    }

    pub(super) fn dead_letters_of(&self, organization_id: OrganizationId) -> Vec<DeadLetter> {
        let owned = self.dead_letters.iter().filter(|letter| letter.organization_id == organization_id);
        let mut letters: Vec<_> = owned.cloned().collect();
        letters.sort_by_key(|letter| std::cmp::Reverse(letter.id));
        letters
    }

    pub(super) fn add_dead_letter(&mut self, letter: DeadLetter) {
        let organization_id = letter.organization_id;
        let is_its = |hook: &Webhook| (hook.organization_id, hook.id) == (organization_id, letter.webhook_id);
        if !self.webhooks.iter().any(is_its) {
            return;
        }
        add(&mut self.dead_letters, letter, |a, b| a.id == b.id);
        let most = usize::try_from(MAX_DEAD_LETTERS).unwrap_or(usize::MAX);
        if let Some(last) = self.dead_letters_of(organization_id).get(most - 1).map(|letter| letter.id) {
            self.dead_letters.retain(|letter| letter.organization_id != organization_id || letter.id >= last);
        }
        self.version += 1;
    }

    fn edit_webhook(&mut self, changed: Webhook) -> Changed {
        let is_meant =
            |found: &&mut Webhook| (found.organization_id, found.id) == (changed.organization_id, changed.id);
        let Some(webhook) = self.webhooks.iter_mut().find(is_meant) else { return Changed::NotFound };
        // What is not replaced stays.
        *webhook = Webhook { created_at: webhook.created_at, ..changed };
        Changed::Done
    }

    fn add_rate_limit(&mut self, added: RateLimitRule) -> Changed {
        let is_ours = |id| {
            let mut keys = self.keys.iter();
            keys.any(|key| (key.organization_id, key.id) == (added.organization_id, id))
        };
        if added.key_id.is_some_and(|id| !is_ours(id)) {
            return Changed::NotFound;
        }
        add(&mut self.rate_limits, added, |a, b| a.id == b.id)
    }

    fn edit_rate_limit(&mut self, changed: RateLimitRule) -> Changed {
        let is_meant = |found: &&mut RateLimitRule| {
            (found.organization_id, found.id) == (changed.organization_id, changed.id)
        };
        let Some(rule) = self.rate_limits.iter_mut().find(is_meant) else { return Changed::NotFound };
        // What is not replaced stays.
        *rule = RateLimitRule { key_id: rule.key_id, created_at: rule.created_at, ..changed };
        Changed::Done
    }
}
