"""One digest of everything that a library knows, by which two libraries can be compared."""

import hashlib
import json

from indexes.library import Library


def state_hash(library: Library) -> str:
    """Return one digest of documents, passages, stems, vectors and graph.

    Rows are named by what they say, not by their numbers, so any history that ends in the same
    documents gives the same digest. Scores count to three decimals: a model's last bits depend on
    how texts were batched.
    """
    digest = hashlib.sha256()
    for query in _STATE:
        rows = library.db.execute(query).fetchall()
        lines = sorted(json.dumps([_plain(value) for value in row]) for row in rows)
        digest.update("\n".join([query, *lines, ""]).encode())
    return digest.hexdigest()


_STATE = (
    "SELECT id, media_type, language, title, text, pages, headings, outcome, reason FROM documents",
    "SELECT path, name, modified, id FROM sources JOIN documents ON documents.row = document",
    "SELECT id, content FROM originals JOIN documents ON documents.row = document",
    "SELECT id, ordinal, start, end, passages.text, context, stems, vector, spans, vectors "
    "FROM passages JOIN documents ON documents.row = document "
    "JOIN passage_stems ON passage_stems.rowid = passages.row "
    "JOIN vectors ON vectors.passage = passages.row "
    "JOIN passage_sentences ON passage_sentences.passage = passages.row",
    "SELECT key, entity, mentions FROM identities",
    "SELECT key, text, type, normal, count FROM surfaces JOIN identities ON row = identity",
    "SELECT id, start, end, type, round(score, 3), antecedent, place, key FROM mentions "
    "JOIN documents ON documents.row = document JOIN identities ON identities.row = identity",
    "SELECT min(a.key, b.key), max(a.key, b.key), id FROM same_as JOIN identities a "
    "ON a.row = first JOIN identities b ON b.row = second JOIN documents "
    "ON documents.row = document",
    "SELECT id, s.key, relation, o.key, start, end, quote, extractor, round(score, 3) "
    "FROM evidence JOIN documents ON documents.row = document "
    "JOIN identities s ON s.row = subject JOIN identities o ON o.row = object",
    "SELECT id, s.key, relation, o.key, start, end, quote, extractor, round(score, 3) "
    "FROM retracted_evidence JOIN documents ON documents.row = document "
    "JOIN identities s ON s.row = subject JOIN identities o ON o.row = object",
    "SELECT id, kind, what, relation, name, normal FROM corrections",
    "SELECT correction, role, part, place, key FROM correction_keys",
    "SELECT correction, path FROM correction_sources",
    "SELECT id, title FROM conversations",
    "SELECT conversation, question, content, document FROM turns "
    "LEFT JOIN turn_documents ON turn = row",
    "SELECT count(*) FROM passage_stems",
    "SELECT count(*) FROM passage_openings",
    "SELECT stem, passages FROM stem_counts",
    "SELECT count(*) FROM vectors",
    "SELECT key, value FROM manifest WHERE key <> 'version'",
)


def _plain(value: object) -> object:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value
