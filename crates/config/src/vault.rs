//! `[vault]`: where providers' keys are kept, sealed.

use std::path::PathBuf;

use gatehouse_seal::MasterKeys;

use crate::definitions::Definition;
use crate::slot::Slot;
use crate::text::{Refusal, TextValue};

/// `[vault]`: where providers' keys are kept, sealed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VaultConfig {
    /// The keys that seal; `None` for those of the key file.
    pub key: Option<MasterKeys>,
    /// The file of the keys; `None` for the one in the data directory. Not opened here.
    pub key_file: Option<PathBuf>,
    /// Whether the API returns a provider's key to its owner.
    pub reveal: bool,
}

impl TextValue for Option<MasterKeys> {
    fn expected(&self) -> &'static str {
        "64 hexadecimal digits or the base64 of 32 bytes, former keys after it separated by commas, or \"\" for none"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = match text.trim() {
            "" => None,
            keys => Some(MasterKeys::parse(&keys.replace(',', "\n")).map_err(|_| Refusal::Shape)?),
        };
        Ok(())
    }

    fn written(&self) -> String {
        let text = self.as_ref().map(|keys| keys.to_text().expose().trim_end().replace('\n', ","));
        text.unwrap_or_default()
    }

    fn secret(&self) -> bool {
        true
    }
}

pub(crate) static VAULT: [Definition; 3] = [
    Definition {
        path: "vault.key",
        doc: "Key that seals the secrets of the vault; without one, the first start makes the key file. A new key \
              goes before the former ones, separated by commas; then run `gatehouse vault rotate`.",
        example: "\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"",
        slot: |config| Slot::Text(&mut config.vault.key),
    },
    Definition {
        path: "vault.key_file",
        doc: "File of the keys that seal the secrets of the vault, one a line, the current one first, readable by its \
              owner only; none is `vault.key` in the data directory. Keep a copy of it apart from the data: without \
              it the secrets are lost.",
        example: "\"/etc/gatehouse/vault.key\"",
        slot: |config| Slot::Text(&mut config.vault.key_file),
    },
    Definition {
        path: "vault.reveal",
        doc: "Whether the API returns a provider's key to its owner, as Helicone does; each time is written to the \
              audit log. The keys of webhooks' signatures are then listed, too.",
        example: "true",
        slot: |config| Slot::Flag(&mut config.vault.reveal),
    },
];
