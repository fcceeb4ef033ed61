//! Sentences in several languages, put together from parts.

use super::random::Random;

/// A language that callers and models of an API talk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    Arabic,
    Chinese,
    English,
    French,
    German,
    Italian,
    Japanese,
    Korean,
    Portuguese,
    Russian,
    Spanish,
}

/// What sentences of a language are made of.
struct Lexicon {
    subjects: &'static [&'static str],
    verbs: &'static [&'static str],
    objects: &'static [&'static str],
    /// Between parts.
    gap: &'static str,
    end: &'static str,
    /// About how many characters are one token, times ten.
    characters_of_ten_tokens: u64,
}

impl Language {
    const fn lexicon(self) -> &'static Lexicon {
        match self {
            Self::Arabic => &ARABIC,
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
            Self::German => &GERMAN,
            Self::Italian => &ITALIAN,
            Self::Japanese => &JAPANESE,
            Self::Korean => &KOREAN,
            Self::Portuguese => &PORTUGUESE,
            Self::Russian => &RUSSIAN,
            Self::Spanish => &SPANISH,
        }
    }

    /// Returns a text of so many sentences; no two of them are likely to be the same.
    pub(crate) fn text(self, random: &mut Random, sentences: u64) -> String {
        let words = self.lexicon();
        let between = if random.happens(15) { "\n" } else { words.gap };
        let sentence = |random: &mut Random| {
            let (subject, verb) = (random.pick(words.subjects), random.pick(words.verbs));
            let (object, gap) = (random.pick(words.objects), words.gap);
            let aside = if random.happens(20) {
                format!("{gap}({} \"{}\")", random.between(2, 980), random.pick(words.objects))
            } else {
                String::new()
            };
            format!("{subject}{gap}{verb}{gap}{object}{aside}{}", words.end)
        };
        let sentences: Vec<_> = (0..sentences).map(|_| sentence(random)).collect();
        sentences.join(between)
    }

    /// Returns about how many tokens a text is, as a tokenizer nobody knows would count them.
    pub(crate) fn tokens(self, random: &mut Random, text: &str) -> u64 {
        let exact = text.chars().count() as u64 * 10 / self.lexicon().characters_of_ten_tokens;
        (exact * random.between(92, 108) / 100).max(1)
    }
}

static ENGLISH: Lexicon = Lexicon {
    subjects: &[
        "The lighthouse keeper",
        "A patient gardener",
        "Our neighbour's kettle",
        "The night train to Leeds",
        "Every second violin",
        "Nobody in the valley",
        "The old ferry",
        "A careful surveyor",
        "The bakery on the corner",
    ],
    verbs: &[
        "mends",
        "has been looking for",
        "would rather not talk about",
        "measures twice",
        "forgets",
        "trades in",
        "keeps an eye on",
        "leaves room for",
    ],
    objects: &[
        "seven brass buttons",
        "the tide tables of last spring",
        "a map without any roads",
        "warm bread and cold butter",
        "the smell of rain on slate",
        "an orchestra of frogs",
        "three pencils and a compass",
        "what the wind brought in",
        "a long letter from Aberdeen",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 43,
};

static GERMAN: Lexicon = Lexicon {
    subjects: &[
        "Die Leuchtturmwärterin",
        "Ein geduldiger Gärtner",
        "Der Kessel von nebenan",
        "Der Nachtzug nach Görlitz",
        "Jede zweite Geige",
        "Niemand im Tal",
        "Die alte Fähre",
    ],
    verbs: &["flickt", "sucht noch immer", "vermisst zweimal", "vergisst", "handelt mit", "hütet"],
    objects: &[
        "sieben Messingknöpfe",
        "die Gezeitentafeln vom letzten Frühjahr",
        "eine Landkarte ohne Straßen",
        "warmes Brot und kalte Butter",
        "ein Orchester aus Fröschen",
        "drei Bleistifte und einen Zirkel",
        "einen langen Brief aus Husum",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 36,
};

static FRENCH: Lexicon = Lexicon {
    subjects: &[
        "La gardienne du phare",
        "Un jardinier patient",
        "La bouilloire du voisin",
        "Le train de nuit pour Brest",
        "Un violon sur deux",
        "Personne dans la vallée",
    ],
    verbs: &["répare", "cherche encore", "mesure deux fois", "oublie", "échange", "surveille de loin"],
    objects: &[
        "sept boutons de laiton",
        "l'horaire des marées du printemps dernier",
        "une carte sans aucune route",
        "du pain chaud et du beurre froid",
        "un orchestre de grenouilles",
        "une longue lettre de Roscoff",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 38,
};

static SPANISH: Lexicon = Lexicon {
    subjects: &[
        "La farera",
        "Un jardinero paciente",
        "La tetera del vecino",
        "El tren nocturno a Vigo",
        "Uno de cada dos violines",
        "Nadie en el valle",
    ],
    verbs: &["remienda", "sigue buscando", "mide dos veces", "olvida", "cambia", "vigila"],
    objects: &[
        "siete botones de latón",
        "las tablas de mareas de la primavera pasada",
        "un mapa sin caminos",
        "pan caliente y mantequilla fría",
        "una orquesta de ranas",
        "una larga carta de Cádiz",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 38,
};

static PORTUGUESE: Lexicon = Lexicon {
    subjects: &[
        "A faroleira",
        "Um jardineiro paciente",
        "A chaleira do vizinho",
        "O comboio noturno para Faro",
        "Ninguém no vale",
        "A velha balsa",
    ],
    verbs: &["conserta", "ainda procura", "mede duas vezes", "esquece", "troca", "vigia"],
    objects: &[
        "sete botões de latão",
        "as tábuas de marés da primavera passada",
        "um mapa sem estradas",
        "pão quente e manteiga fria",
        "uma orquestra de rãs",
        "uma longa carta de Sagres",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 37,
};

static ITALIAN: Lexicon = Lexicon {
    subjects: &[
        "La guardiana del faro",
        "Un giardiniere paziente",
        "Il bollitore del vicino",
        "Il treno di notte per Lecce",
        "Nessuno nella valle",
    ],
    verbs: &["ripara", "cerca ancora", "misura due volte", "dimentica", "scambia", "sorveglia"],
    objects: &[
        "sette bottoni d'ottone",
        "le tavole delle maree della primavera scorsa",
        "una mappa senza strade",
        "pane caldo e burro freddo",
        "un'orchestra di rane",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 37,
};

static RUSSIAN: Lexicon = Lexicon {
    subjects: &[
        "Смотритель маяка",
        "Терпеливый садовник",
        "Соседский чайник",
        "Ночной поезд в Псков",
        "Каждая вторая скрипка",
        "Никто в долине",
    ],
    verbs: &["чинит", "всё ещё ищет", "дважды измеряет", "забывает", "меняет", "бережёт"],
    objects: &[
        "семь латунных пуговиц",
        "таблицы приливов прошлой весны",
        "карту без единой дороги",
        "тёплый хлеб и холодное масло",
        "оркестр лягушек",
        "длинное письмо из Мурманска",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 29,
};

static CHINESE: Lexicon = Lexicon {
    subjects: &["灯塔看守人", "耐心的园丁", "邻居的水壶", "开往大理的夜车", "山谷里没有人", "老渡船"],
    verbs: &["修补", "还在寻找", "量了两遍", "忘记了", "交换", "看管着"],
    objects: &[
        "七颗黄铜纽扣",
        "去年春天的潮汐表",
        "一张没有路的地图",
        "热面包和冷黄油",
        "青蛙乐队",
        "一封长长的来信",
    ],
    gap: "",
    end: "。",
    characters_of_ten_tokens: 14,
};

static JAPANESE: Lexicon = Lexicon {
    subjects: &["灯台守は", "気長な庭師は", "隣のやかんは", "夜行列車は", "谷の誰もが", "古い渡し船は"],
    verbs: &["直しながら", "探しながら", "二度測って", "忘れたまま", "取り替えて", "見守りつつ"],
    objects: &[
        "真鍮のボタンを七つ集める",
        "去年の春の潮見表を読む",
        "道のない地図をひろげる",
        "温かいパンを分ける",
        "蛙の楽団を聴く",
        "長い手紙を書く",
    ],
    gap: "",
    end: "。",
    characters_of_ten_tokens: 13,
};

static KOREAN: Lexicon = Lexicon {
    subjects: &["등대지기는", "참을성 있는 정원사는", "이웃집 주전자는", "밤기차는", "골짜기의 누구도"],
    verbs: &["천천히", "아직도", "두 번이나", "잊지 않고", "조용히"],
    objects: &[
        "놋쇠 단추 일곱 개를 고친다",
        "지난봄의 물때표를 찾는다",
        "길 없는 지도를 펼친다",
        "따뜻한 빵을 나눈다",
        "긴 편지를 쓴다",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 16,
};

static ARABIC: Lexicon = Lexicon {
    subjects: &["حارس المنارة", "بستاني صبور", "إبريق الجيران", "قطار الليل", "العبّارة القديمة"],
    verbs: &["يصلح", "ما زال يبحث عن", "يقيس مرتين", "ينسى", "يحرس"],
    objects: &[
        "سبعة أزرار نحاسية",
        "جداول المد في الربيع الماضي",
        "خريطة بلا طرق",
        "خبزا دافئا",
        "رسالة طويلة",
    ],
    gap: " ",
    end: ".",
    characters_of_ten_tokens: 24,
};
