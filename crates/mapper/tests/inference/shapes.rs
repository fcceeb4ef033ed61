//! APIs that nobody wrote a reader for, invented for this test, and calls in their shapes.
//!
//! Names and texts are made up here and known nowhere else: no list of words is shared with the engine.

pub(crate) mod exchange;
mod frames;
mod languages;
mod metering;
mod opaque;
mod plain;
pub(crate) mod random;
pub(crate) mod rename;
mod retrieval;
mod scene;
mod streams;
mod texts;
mod unmetered;

use self::exchange::Exchange;
use self::scene::Scene;
use self::texts::Language::{
    self, Arabic, Chinese, English, French, German, Italian, Japanese, Korean, Portuguese, Russian, Spanish,
};

/// An invented API.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    language: Language,
    make: fn(&mut Scene) -> Exchange,
}

const fn shape(name: &'static str, language: Language, make: fn(&mut Scene) -> Exchange) -> Shape {
    Shape { name, language, make }
}

impl Shape {
    /// Returns the call of this number; the same number always gives the same one.
    pub(crate) fn exchange(&self, number: u64) -> Exchange {
        let seed = self.name.bytes().fold(17, |seed: u64, byte| seed.wrapping_mul(131) + u64::from(byte));
        (self.make)(&mut Scene::new(self.language, seed, number))
    }

    /// Returns `count` calls from this number on.
    pub(crate) fn exchanges(&self, first: u64, count: u64) -> Vec<Exchange> {
        (first..first + count).map(|number| self.exchange(number)).collect()
    }
}

/// Every invented API.
pub(crate) const ALL: &[Shape] = &[
    shape("harbour: deep envelopes", English, plain::harbour),
    shape("kiln: answer in parts", English, plain::kiln),
    shape("orchard: two choices", English, plain::orchard),
    shape("quill: prompt and text only", English, plain::quill),
    shape("almanac: history apart", English, plain::almanac),
    shape("pigeonhole: under ids", English, plain::pigeonhole),
    shape("abacus: by position", English, plain::abacus),
    shape("lantern: model in the path", Spanish, plain::lantern),
    shape("pressroom: text and HTML", French, plain::pressroom),
    shape("gauge: list of metrics", English, metering::gauge),
    shape("observatory: metrics in groups", English, metering::observatory),
    shape("larder: cached within input", English, metering::larder),
    shape("cellar: cached beside input", English, metering::cellar),
    shape("ponder: long thoughts", English, metering::ponder),
    shape("hermit: thoughts beside output", English, metering::hermit),
    shape("till: money beside tokens", Italian, metering::till),
    shape("stopwatch: times that add up", English, metering::stopwatch),
    shape("mill: output only, and a seed", English, metering::mill),
    shape("turnstile: sum only", English, metering::turnstile),
    shape("odometer: running sums", English, metering::odometer),
    shape("werkbank: German", German, languages::werkbank),
    shape("amtsblatt: German, no sum", German, languages::amtsblatt),
    shape("atelier: French", French, languages::atelier),
    shape("faro: Spanish, no sum", Spanish, languages::faro),
    shape("bottega: Italian", Italian, languages::bottega),
    shape("varanda: Portuguese events", Portuguese, languages::varanda),
    shape("mayak: Russian lines", Russian, languages::mayak),
    shape("dengta: Chinese", Chinese, languages::dengta),
    shape("shanquan: Chinese, Latin names", Chinese, languages::shanquan),
    shape("todai: Japanese, Latin names", Japanese, languages::todai),
    shape("deungdae: Korean events", Korean, languages::deungdae),
    shape("manara: Arabic texts", Arabic, languages::manara),
    shape("creek: named events", English, streams::creek),
    shape("tide: whole text each time", English, streams::tide),
    shape("conveyor: lines, growing counts", English, streams::conveyor),
    shape("choir: thoughts by channel", English, streams::choir),
    shape("drizzle: events, no counts", German, streams::drizzle),
    shape("rosary: one list of pieces", Portuguese, streams::rosary),
    shape("foreman: reports between", English, streams::foreman),
    shape("refrain: whole at the end", French, streams::refrain),
    shape("falcon: AWS frames", English, frames::falcon),
    shape("cipher: opaque, sum", English, opaque::cipher),
    shape("enigma: opaque, no sum", English, opaque::enigma),
    shape("morse: opaque events", English, opaque::morse),
    shape("mirror: sides", Chinese, opaque::mirror),
    shape("checkers: colours, no sum", Russian, opaque::checkers),
    shape("archive: long documents", English, retrieval::archive),
    shape("burrow: documents like answers", English, retrieval::burrow),
    shape("canyon: echo of the prompt", English, retrieval::canyon),
    shape("bridge: translation", English, retrieval::bridge),
    shape("furnace: logs", English, retrieval::furnace),
    shape("concierge: suggestions", English, retrieval::concierge),
    shape("clerk: answer is JSON", English, retrieval::clerk),
    shape("toolshed: calls of tools", English, retrieval::toolshed),
    shape("typesetter: characters, sum", English, unmetered::typesetter),
    shape("telegraph: hidden characters", Chinese, unmetered::telegraph),
    shape("herald: words, sum", English, unmetered::herald),
    shape("gazette: words in French", French, unmetered::gazette),
    shape("cable: bytes, sum", Russian, unmetered::cable),
    shape("tollgate: money, sum", English, unmetered::tollgate),
    shape("hourglass: times, sum", English, unmetered::hourglass),
    shape("sundial: hidden times, sum", English, unmetered::sundial),
    shape("ration: what is left", English, unmetered::ration),
    shape("beachcomber: other sums", English, unmetered::beachcomber),
    shape("whisper: nothing but the text", Japanese, unmetered::whisper),
];
