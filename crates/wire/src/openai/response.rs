//! What an answer says: model, usage, cost, service tier, and the beginning of its text.

use std::borrow::Cow;

use gatehouse_types::{NanoUsd, Usage};
use serde::de::{MapAccess, SeqAccess};

use super::charges::{Charge, Routed, has_two_prices, is_preview_search};
use super::details::Metrics;
use super::said::{Item, Kind, Said};
use super::usage::{Product, RawUsage};
use crate::counts::Count;
use crate::facts::{Facts, Reader, note};
use crate::json::{Scalar, Shape, Shaped, read, skip};
use crate::preview::Content;

/// An answer, one chunk of a streamed answer, or one event of the responses API.
#[derive(Debug, Default)]
struct Answer<'a> {
    model: Scalar<'a>,
    service_tier: Scalar<'a>,
    usage: Option<RawUsage<'a>>,
    /// What else is counted instead of tokens.
    metrics: Metrics,
    pages: Count,
    images: u64,
    duration: Scalar<'a>,
    /// What the gateway between says that it cost.
    routed: Option<NanoUsd>,
    kind: Scalar<'a>,
    object: Scalar<'a>,
    delta: Delta<'a>,
    text: Content<'a>,
    said: Said<'a>,
    error: Failure<'a>,
    /// The item that an event of the responses API is about.
    item: Item<'a>,
    /// Whether the search among the tools is the older one.
    has_preview: bool,
    /// Whether something is charged for that is not counted.
    has_fees: bool,
    /// The whole answer inside an event of the responses API, or Groq's extension of a chunk.
    inner: Option<Box<Answer<'a>>>,
}

impl<'de: 'a, 'a> Shape<'de> for Answer<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "model" => self.model = map.next_value()?,
            "service_tier" => self.service_tier = map.next_value()?,
            "usage" | "inference_status" => {
                let usage: Option<Shaped<RawUsage<'de>>> = map.next_value()?;
                self.usage = usage.map(|usage| usage.0).or(self.usage.take());
            }
            "type" | "event_type" => self.kind = map.next_value()?,
            "object" => self.object = map.next_value()?,
            "delta" => self.delta = map.next_value::<Shaped<Delta<'de>>>()?.0,
            "choices" => self.said = map.next_value::<Shaped<Said<'de>>>()?.0,
            // Items are whole when they are here; only choices end later.
            "output" => self.said = Said { choices: 0, ..map.next_value::<Shaped<Said<'de>>>()?.0 },
            "text" => self.text = map.next_value::<Shaped<Content<'de>>>()?.0,
            "item" | "completion_message" => self.item = map.next_value::<Shaped<Item<'de>>>()?.0,
            "error" => self.error = map.next_value::<Shaped<Failure<'de>>>()?.0,
            "response" | "x_groq" | "event" => {
                let inner = map.next_value::<Shaped<Inner<'de>>>()?.0;
                self.inner = Some(Box::new(inner.0));
            }
            _ => self.others(key, map)?,
        }
        Ok(())
    }
}

impl<'a> Answer<'a> {
    /// Takes what only some kinds of answers have.
    fn others<'de: 'a, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "metrics" => self.metrics = map.next_value::<Shaped<Metrics>>()?.0,
            "usage_info" => self.pages = map.next_value::<Shaped<Read>>()?.0.0,
            "data" => self.images = map.next_value::<Shaped<Images>>()?.0.0,
            "duration" => self.duration = map.next_value()?,
            "tools" => self.has_preview |= map.next_value::<Shaped<Tools>>()?.0.0,
            // What a document means is paid for beside its pages, what Groq's systems run beside their tokens.
            "document_annotation" | "usage_breakdown" => {
                self.has_fees |= map.next_value::<Scalar<'de>>()? != Scalar::Null;
            }
            "provider_metadata" | "providerMetadata" => {
                self.routed = map.next_value::<Shaped<Routed>>()?.0.0;
            }
            _ => skip(map)?,
        }
        Ok(())
    }

    /// What the answer is made of, as far as its usage doesn't tell.
    fn product(&self) -> Product {
        match self.kind.text() {
            Some("image_generation.completed" | "image_edit.completed") => Product::Images,
            Some("speech.audio.done") => Product::Speech,
            _ if self.images > 0 => Product::Images,
            _ => Product::Text,
        }
    }

    /// Returns what was used, `None` if nothing is said about it, and `Some(None)` for what does not validate.
    fn classes(&self) -> Option<Option<Usage>> {
        if self.object.text() == Some("batch") {
            // The sum of many calls, told again to everybody who asks how they are getting on.
            return None;
        }
        let counted = self.usage.as_ref().map(|usage| usage.classes(self.product()));
        let instead = || {
            let heard_ms = match self.text.is_empty() {
                true => Count::Absent,
                false => Count::of_seconds(&self.duration),
            };
            let usage = self.metrics.classes().unwrap_or_default();
            let usage = Usage {
                images: (self.images > 0).then_some(self.images),
                pages: self.pages.valid().flatten(),
                input_audio_ms: heard_ms.valid().flatten(),
                ..usage
            };
            (usage != Usage::default()).then_some(Some(usage))
        };
        match counted {
            // Where only the sum of money is told, what was made is counted all the same.
            Some(None) | None => instead().or(counted),
            counted => counted,
        }
    }
}

/// The answer inside an event; it holds no further one.
#[derive(Debug, Default)]
struct Inner<'a>(Answer<'a>);

impl<'de: 'a, 'a> Shape<'de> for Inner<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if matches!(key, "response" | "x_groq" | "event") { skip(map) } else { self.0.member(key, map) }
    }
}

/// What an event adds: a text, or Llama's object that has one.
#[derive(Debug, Default)]
struct Delta<'a> {
    plain: Option<Cow<'a, str>>,
    inner: Scalar<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Delta<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.plain = Some(text);
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "text" {
            self.inner = map.next_value()?;
            return Ok(());
        }
        skip(map)
    }
}

/// How many images a list has, by their data or where they can be had.
#[derive(Debug, Default)]
struct Images(u64);

#[derive(Debug, Default)]
struct Image(bool);

impl<'de> Shape<'de> for Images {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(image)) = seq.next_element::<Shaped<Image>>()? else { return Ok(false) };
        self.0 += u64::from(image.0);
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

impl<'de> Shape<'de> for Image {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if matches!(key, "b64_json" | "url") {
            self.0 |= map.next_value::<Scalar<'de>>()?.text().is_some();
            return Ok(());
        }
        skip(map)
    }
}

/// Mistral's count of pages: `{"pages_processed":3}`.
#[derive(Debug, Default)]
struct Read(Count);

impl<'de> Shape<'de> for Read {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "pages_processed" {
            self.0 = map.next_value::<Scalar<'de>>()?.into();
            return Ok(());
        }
        skip(map)
    }
}

/// Whether one of the tools that the model had is the older search.
#[derive(Debug, Default)]
struct Tools(bool);

impl<'de> Shape<'de> for Tools {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(tool)) = seq.next_element::<Shaped<Kind<'de>>>()? else { return Ok(false) };
        self.0 |= tool.0.text().is_some_and(is_preview_search);
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

/// The error of an answer: an object with a message, or a string.
#[derive(Debug, Default)]
struct Failure<'a> {
    message: Content<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Failure<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.message.text(text);
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "message" => self.message = map.next_value::<Shaped<Content<'de>>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Reads answers of OpenAI's dialect.
#[derive(Debug, Default)]
pub(crate) struct OpenAi {
    facts: Facts,
    /// Searches of the web among the items of the whole answer.
    web_searches: u64,
    /// Whether the search among the tools of the answer is the older one.
    has_preview: bool,
    /// Whether a search has begun; a whole answer that counts its own may follow.
    has_searched: bool,
    /// The choices that there are, and those of them that have ended.
    choices: u64,
    ended: u64,
    /// Whether the usage was told when nothing could follow it: some tell running counts.
    is_final: bool,
}

impl OpenAi {
    fn take(&mut self, mut answer: Answer<'_>) {
        self.transcribe(&answer);
        self.charge(&answer);
        if let Some(inner) = answer.inner.take() {
            // The end of a stream of events repeats the text that the deltas brought.
            let repeats = !self.facts.transcript.is_empty() && matches!(inner.delta.inner, Scalar::Null);
            let mut inner = *inner;
            if repeats {
                inner.said.items.clear();
            }
            self.take(Answer { inner: None, ..inner });
        }
        let facts = &mut self.facts;
        if facts.transcript.is_empty() {
            answer.error.message.write(facts.transcript.preview());
        }
        facts.declared_cost = answer.said.cost.or(answer.routed).or(facts.declared_cost);
        if let Some(usage) = answer.classes() {
            facts.usage = usage;
            self.is_final = answer.said.choices == 0 || self.choices == self.ended;
        }
        if let Some(usage) = &mut answer.usage {
            facts.declared_cost = usage.money.total().or(facts.declared_cost);
            facts.has_fees |= usage.has_fees();
            facts.variant = usage.take_context().or(facts.variant.take());
        }
        note(&mut facts.model, answer.model);
        note(&mut facts.service_tier, answer.service_tier);
    }

    /// Adds what the answer says.
    fn transcribe(&mut self, answer: &Answer<'_>) {
        let transcript = &mut self.facts.transcript;
        let is_text_delta = matches!(
            answer.kind.text(),
            Some("response.output_text.delta" | "response.refusal.delta" | "transcript.text.delta")
        );
        if let Some(text) = answer.delta.plain.as_deref().filter(|_| is_text_delta) {
            transcript.say(text);
        }
        if let Some(text) = answer.delta.inner.text() {
            transcript.say(text);
        }
        if matches!(answer.kind, Scalar::Null) {
            answer.text.write(transcript.preview());
            answer.item.transcribe(transcript);
        }
        answer.said.items.iter().for_each(|item| item.transcribe(transcript));
    }

    /// Notes what is charged for, and what has ended.
    fn charge(&mut self, answer: &Answer<'_>) {
        let item = answer.item.charge();
        self.facts.has_fees |= item == Charge::Other || answer.said.has_fees;
        self.has_searched |= item == Charge::Search;
        self.facts.has_fees |= answer.has_fees;
        self.has_preview |= answer.has_preview;
        self.web_searches = self.web_searches.max(answer.said.web_searches);
        self.choices |= answer.said.choices;
        self.ended |= answer.said.ended;
    }
}

impl Reader for OpenAi {
    fn add(&mut self, piece: &[u8]) {
        if let Some(answer) = read::<Answer<'_>>(piece) {
            self.take(answer);
        }
    }

    fn facts(self, is_stream: bool) -> Facts {
        let Self { mut facts, web_searches, has_preview, has_searched, .. } = self;
        if is_stream && !self.is_final {
            (facts.usage, facts.declared_cost) = (None, None);
        }
        let is_counted = facts.usage.is_some() && web_searches > 0;
        if let Some(usage) = facts.usage.as_mut().filter(|_| is_counted) {
            usage.web_searches = Some(web_searches);
        }
        facts.has_fees |= (has_searched || web_searches > 0) && !is_counted;
        let is_newer = web_searches > 0 && !has_preview;
        facts.has_fees |= is_newer && facts.model.as_deref().is_some_and(has_two_prices);
        facts
    }
}
