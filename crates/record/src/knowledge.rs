//! What calls are read and priced with beside their own bodies.

use std::sync::Arc;

use gatehouse_catalog::{Catalog, Overrides};
use gatehouse_store::view::{ControlView, SharedView};
use gatehouse_types::OrganizationId;

/// Where it is kept: the control view is replaced whenever an organisation changes something.
#[derive(Clone)]
pub struct KnowledgeSource {
    /// What is known of prices.
    pub catalog: Arc<Catalog>,
    /// What organisations say of prices and mappings.
    pub view: SharedView,
}

/// What is known at one point in time.
#[derive(Clone)]
pub struct Knowledge {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) view: Arc<ControlView>,
}

impl KnowledgeSource {
    /// Returns what is known now.
    pub fn now(&self) -> Knowledge {
        Knowledge::new(Arc::clone(&self.catalog), self.view.load_full())
    }
}

impl Knowledge {
    /// Returns the knowledge of an installation in which nobody set anything.
    pub fn builtin() -> Self {
        Self { catalog: Arc::new(Catalog::builtin()), view: Arc::default() }
    }

    pub(crate) const fn new(catalog: Arc<Catalog>, view: Arc<ControlView>) -> Self {
        Self { catalog, view }
    }

    /// Returns the prices that an organisation set.
    pub(crate) fn overrides(&self, organization_id: OrganizationId) -> Option<&Overrides> {
        self.view.prices.of(organization_id)
    }
}
