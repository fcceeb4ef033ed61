//! What is made that no answer counts: what the request asks for says how much it is, or which variant.

use std::borrow::Cow;

use gatehouse_types::{Observed, Usage};
use serde::de::MapAccess;

use super::BodyView;
use crate::json::{Scalar, Shape, Shaped, read, skip};

/// The beginnings of the names of models whose speech is billed by the characters that are spoken.
const BILLED_BY_CHARACTER: [&str; 3] = ["tts-1", "playai-tts", "canopylabs/orpheus"];
/// The beginnings of the names of models whose images are standard and square unless the caller says otherwise.
const WITH_USUAL_SIZE: [&str; 3] = ["dall-e-", "amazon.titan-image", "amazon.nova-canvas"];
/// What that is.
const USUAL_QUALITY: &str = "standard";
const USUAL_SIZE: &str = "1024x1024";
/// The end of the paths where speech is made.
const SPEECH: &str = "/audio/speech";

/// What a request asks to be made.
#[derive(Debug, Default)]
pub(super) struct Products {
    quality: Option<String>,
    size: Option<String>,
    /// Whether more than one image is to be made.
    is_several: bool,
    /// The characters that are to be spoken.
    characters: Option<u64>,
}

/// The members of a request that matter for that.
#[derive(Debug, Default)]
struct Order<'a> {
    quality: Scalar<'a>,
    size: Scalar<'a>,
    number: Scalar<'a>,
    input: Spoken,
    image: Image<'a>,
}

/// How many characters a text has.
#[derive(Debug, Default)]
struct Spoken(Option<u64>);

/// `imageGenerationConfig` of Bedrock.
#[derive(Debug, Default)]
struct Image<'a> {
    quality: Scalar<'a>,
    width: Scalar<'a>,
    height: Scalar<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Order<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "quality" => self.quality = map.next_value()?,
            "size" => self.size = map.next_value()?,
            "n" => self.number = map.next_value()?,
            "input" => self.input = map.next_value::<Shaped<Spoken>>()?.0,
            "imageGenerationConfig" => self.image = map.next_value::<Shaped<Image<'de>>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Shape<'de> for Spoken {
    fn text(&mut self, text: Cow<'de, str>) {
        self.0 = u64::try_from(text.chars().count()).ok();
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }

    fn kept(text: &str) -> &str {
        text
    }
}

impl<'de: 'a, 'a> Shape<'de> for Image<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "quality" => self.quality = map.next_value()?,
            "width" => self.width = map.next_value()?,
            "height" => self.height = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Products {
    /// Reads what the request `body` asks to be made at `path`.
    pub(super) fn of(body: &[u8], path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let is_speech = path.ends_with(SPEECH);
        if !is_speech && !path.contains("/images/") && !path.ends_with("/invoke") {
            return Self::default();
        }
        let Some(order) = read::<Order<'_>>(body) else { return Self::default() };
        let sides = match (&order.image.width, &order.image.height) {
            (Scalar::Unsigned(width), Scalar::Unsigned(height)) => Some(format!("{width}x{height}")),
            _ => None,
        };
        Self {
            quality: order.quality.into_text().or(order.image.quality.into_text()),
            size: order.size.into_text().or(sides),
            is_several: matches!(order.number, Scalar::Unsigned(2..)),
            characters: order.input.0.filter(|_| is_speech),
        }
    }

    /// Takes a field of a form.
    pub(super) fn take(&mut self, name: &str, text: &str) {
        match name {
            "quality" => self.quality = Some(text.to_owned()),
            "size" => self.size = Some(text.to_owned()),
            "n" => self.is_several = text.parse::<u64>().is_ok_and(|number| number > 1),
            _ => {}
        }
    }

    /// Adds to what was observed what the answer leaves to the request to say.
    pub(super) fn complete(self, answer: &BodyView<'_>, observed: &mut Observed) {
        let model = observed.request_model.as_deref().or(observed.response_model.as_deref());
        let model = model.unwrap_or_default();
        let is_one_of = |names: &[&str]| names.iter().any(|name| model.starts_with(name));
        let is_billed = is_sound(answer) && is_one_of(&BILLED_BY_CHARACTER);
        if let Some(characters) = self.characters.filter(|_| is_billed && observed.usage.is_none()) {
            observed.usage = Some(Usage { characters: Some(characters), ..Usage::default() });
        }
        if self.is_several && observed.stream == Some(true) {
            // Each image of a stream tells a usage; nobody knows whether it is its own or that of all so far.
            observed.usage = None;
        }
        if observed.usage.is_some_and(|usage| usage.images.is_some()) {
            let is_usual = is_one_of(&WITH_USUAL_SIZE);
            let or_usual = |told: Option<String>, usual: &str| told.or(is_usual.then(|| usual.to_owned()));
            let quality = or_usual(self.quality, USUAL_QUALITY);
            let size = or_usual(self.size, USUAL_SIZE);
            observed.variant = quality.zip(size).map(|(quality, size)| format!("{quality}/{size}"));
        }
    }
}

/// Whether an answer is nothing but sound, and whole.
fn is_sound(answer: &BodyView<'_>) -> bool {
    let content_type = answer.content_type.unwrap_or_default();
    let is_sound = content_type.starts_with("audio/") || content_type.starts_with("application/octet-stream");
    is_sound && !answer.truncated
}
