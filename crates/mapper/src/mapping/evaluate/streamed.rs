//! Reading the pieces of a stream.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::{Counted, at};
use super::{Mapped, first_text};
use crate::mapping::document::{
    Field, Select, StreamMapping, StreamText, StreamUsage, TextMode, UsageMapping, UsageMode,
};
use crate::mapping::path::Path;
use crate::mapping::pieces::{Piece, Stream};

impl StreamMapping {
    pub(super) fn read(&self, stream: &Stream, always: &BTreeSet<Field>, mapped: &mut Mapped) {
        let text = |mapping: &StreamText| mapping.read(stream);
        mapped.take(Field::Text, self.text.as_ref().map(text), |mapped| &mut mapped.text);
        mapped.take(Field::Reasoning, self.reasoning.as_ref().map(text), |mapped| &mut mapped.reasoning);
        let last = |path: &Path| stream.pieces.iter().rev().find_map(|piece| first_text(path, &piece.node));
        if let Some(path) = &self.model {
            mapped.answered_by(last(path));
        }
        if let Some(finish) = &self.finish {
            mapped.finish(finish, last(&finish.path));
        }
        if let Some(path) = &self.error {
            mapped.error = last(path);
        }
        if let Some(usage) = &self.usage {
            let lacks_finish = mapped.missing.contains(&Field::Finish) && always.contains(&Field::Finish);
            let lacks_done = self.done.is_some() && self.done != stream.done;
            // Of counts that grow while the stream goes on, only those at its end are the call's.
            let is_whole = !stream.is_partial() && !lacks_finish && !lacks_done;
            mapped.count(if is_whole { usage.read(stream) } else { Counted::Nothing });
        }
    }
}

impl Select {
    /// Returns whether a piece is meant.
    pub(in crate::mapping) fn selects(&self, piece: &Piece) -> bool {
        let is_of_event = self.event.as_ref().is_none_or(|event| piece.event.as_ref() == Some(event));
        is_of_event
            && self.members.iter().all(|(path, value)| {
                path.first(&piece.node).and_then(|node| node.text()) == Some(value.as_str())
            })
    }
}

impl StreamText {
    /// Returns the text; `None` when no piece has any, or pieces are damaged.
    pub(in crate::mapping) fn read(&self, stream: &Stream) -> Option<String> {
        if stream.is_damaged {
            return None;
        }
        let mut whole: Option<String> = None;
        for piece in stream.pieces.iter().filter(|piece| self.select.selects(piece)) {
            let mut text: Option<String> = None;
            self.path.visit(&piece.node, &mut |node| {
                if let Some(part) = node.text() {
                    text.get_or_insert_default().push_str(part);
                }
            });
            let Some(text) = text else { continue };
            match self.mode {
                TextMode::Concat => whole.get_or_insert_default().push_str(&text),
                TextMode::Last => whole = Some(text),
            }
        }
        whole
    }
}

impl StreamUsage {
    /// Returns the counts of the call.
    pub(in crate::mapping) fn read(&self, stream: &Stream) -> Counted {
        if self.mode == UsageMode::Last {
            let counted = stream.pieces.iter().map(|piece| self.counts.read(&|path| at(path, &piece.node)));
            return counted.rev().find(|counted| *counted != Counted::Nothing).unwrap_or(Counted::Nothing);
        }
        let mut counts: BTreeMap<&Path, u64> = BTreeMap::new();
        for piece in &stream.pieces {
            for path in self.counts.paths() {
                let Some(count) = at(path, &piece.node) else { continue };
                let kept = counts.entry(path).or_insert(count);
                *kept = if self.mode == UsageMode::Max { count.max(*kept) } else { count };
            }
        }
        self.counts.read(&|path| counts.get(path).copied())
    }
}

impl UsageMapping {
    /// Returns every place that is read.
    pub(in crate::mapping) fn paths(&self) -> impl Iterator<Item = &Path> {
        let places = [&self.input, &self.output, &self.total, &self.cached, &self.reasoning];
        places.into_iter().flatten().chain(&self.zero)
    }
}
