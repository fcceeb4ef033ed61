//! What a price is for.

use std::fmt;

use gatehouse_types::UnitKind;

/// What a price is for: a class of what a call uses, or the call itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A class of what is counted.
    Used(UnitKind),
    /// The call.
    Request,
}

/// The name of [`Unit::Request`].
const REQUEST: &str = "request";
/// How many decimals of a dollar per million tokens fit into 10⁻¹² dollars per token.
const TOKEN_PLACES: usize = 6;
/// How many decimals of a dollar per unit fit into 10⁻¹² dollars.
const UNIT_PLACES: usize = 12;

impl Unit {
    /// Returns every unit, in the order of the built-in book.
    pub fn all() -> impl Iterator<Item = Self> {
        UnitKind::ALL.into_iter().map(Self::Used).chain([Self::Request])
    }

    /// Returns the name used in price lists: that of the [`UnitKind`], or `request`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Used(kind) => kind.as_str(),
            Self::Request => REQUEST,
        }
    }

    /// Returns the unit of that name.
    pub fn parse(name: &str) -> Option<Self> {
        if name == REQUEST { Some(Self::Request) } else { UnitKind::parse(name).map(Self::Used) }
    }

    /// Returns what a price is written for: `million tokens`, `second`, `call` or `unit`.
    pub const fn per(self) -> &'static str {
        match self {
            Self::Used(kind) if kind.is_tokens() => "million tokens",
            Self::Used(UnitKind::InputAudioMs | UnitKind::OutputAudioMs | UnitKind::OutputVideoMs) => {
                "second"
            }
            Self::Used(_) => "unit",
            Self::Request => "call",
        }
    }

    /// Returns whether the unit is a class of tokens.
    pub(crate) const fn is_tokens(self) -> bool {
        matches!(self, Self::Used(kind) if kind.is_tokens())
    }

    /// How many decimals a price may have.
    pub(crate) const fn places(self) -> usize {
        if self.is_tokens() { TOKEN_PLACES } else { UNIT_PLACES }
    }

    /// What one count of a price of 10⁻¹² dollars is, in 10⁻¹⁵ dollars: time is counted in thousandths of what
    /// it is priced in.
    pub(crate) const fn femtos_per_pico(self) -> u128 {
        match self {
            Self::Used(UnitKind::InputAudioMs | UnitKind::OutputAudioMs | UnitKind::OutputVideoMs) => 1,
            _ => 1000,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_found_by_its_name() {
        for unit in Unit::all() {
            assert_eq!(Unit::parse(unit.as_str()), Some(unit));
        }
        assert_eq!(Unit::parse("inputs"), None);
        assert_eq!(Unit::all().count(), UnitKind::ALL.len() + 1);
    }

    #[test]
    fn time_is_priced_by_the_second() {
        let seconds = Unit::all().filter(|unit| unit.per() == "second").map(Unit::as_str).collect::<Vec<_>>();
        assert_eq!(seconds, ["input_audio_ms", "output_audio_ms", "output_video_ms"]);
        for unit in Unit::all() {
            assert_eq!(unit.femtos_per_pico() == 1, unit.as_str().ends_with("_ms"), "{unit}");
        }
    }
}
