//! What a text is based on: citations of every dialect.

use super::json::Json;
use super::schema::Annotation;

/// The kind that citations with a URL share.
const URL_CITATION: &str = "url_citation";
/// How many citations of one text are read.
const MOST: usize = 1_000;

/// Reads the `annotations` or `citations` of a part or a message.
pub(super) fn read(part: &Json) -> Vec<Annotation> {
    let cited = part.any(&["annotations", "citations"]).list();
    cited.iter().take(MOST).filter_map(one).collect()
}

/// Reads one citation: a URL, or an object that says where or what.
pub(super) fn one(cited: &Json) -> Option<Annotation> {
    if let Some(url) = cited.text() {
        return Some(Annotation {
            kind: URL_CITATION.to_owned(),
            url: Some(url.to_owned()),
            ..Annotation::default()
        });
    }
    let kind = cited.get("type").text();
    let inner = kind.map_or(&Json::Null, |kind| cited.get(kind));
    let place = if inner.is_object() { inner } else { cited };
    let web = place.get("location").get("web");
    let url = place.any(&["url", "uri", "source", "link"]).owned().or_else(|| web.get("url").owned());
    let title = place.any(&["title", "document_title", "filename", "name"]).owned();
    let quoted = place.any(&["cited_text", "content", "text", "quote", "snippet"]);
    let content = quoted.owned().or_else(|| place.get("sourceContent").first().get("text").owned());
    let title = title.or_else(|| sources(place)).or_else(|| place.get("file_id").owned());
    if url.is_none() && title.is_none() && content.is_none() {
        return None;
    }
    let kind = match kind {
        _ if url.is_some() => URL_CITATION,
        Some(kind) => kind,
        None => "citation",
    };
    Some(Annotation { kind: kind.to_owned(), url, title, content })
}

/// Returns the documents that Cohere's citations name.
fn sources(cited: &Json) -> Option<String> {
    let ids = cited.any(&["document_ids", "sources"]).list().iter();
    let names: Vec<&str> = ids
        .filter_map(|source| {
            let title = source.get("document").any(&["title", "id"]).text();
            source.text().or(title).or_else(|| source.get("id").text())
        })
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Reads a document that was searched and found.
pub(super) fn source(found: &Json) -> Option<Annotation> {
    let url = found.any(&["url", "source", "uri"]).owned();
    let title = found.get("title").owned();
    (url.is_some() || title.is_some()).then(|| Annotation {
        kind: URL_CITATION.to_owned(),
        url,
        title,
        content: None,
    })
}

/// Reads what an answer says beside its message that it is based on, at Perplexity and its like.
pub(super) fn beside(answer: &Json) -> Vec<Annotation> {
    let found = answer.get("search_results").list();
    if !found.is_empty() {
        return found.iter().take(MOST).filter_map(source).collect();
    }
    answer.get("citations").list().iter().take(MOST).filter_map(one).collect()
}

/// Reads what Google grounds a candidate on.
pub(super) fn grounding(candidate: &Json) -> Vec<Annotation> {
    let metadata = candidate.any(&["groundingMetadata", "grounding_metadata"]);
    let chunks = metadata.any(&["groundingChunks", "grounding_chunks"]).list().iter();
    let grounded = chunks.filter_map(|chunk| source(chunk.any(&["web", "retrievedContext", "maps"])));
    let sources = candidate.any(&["citationMetadata", "citation_metadata"]);
    let cited = sources.any(&["citationSources", "citations"]).list().iter().filter_map(source);
    grounded.chain(cited).take(MOST).collect()
}
