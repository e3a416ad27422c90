"""Numbers that others published for the same test sets, each with its source.

Read in the repositories that are named, or, where it says so, from the paper by memory. Protocols
differ where the note says so: these are for orientation.
"""

from collections.abc import Mapping

PUBLISHED: Mapping[tuple[str, str], str] = {
    ("NEREL test", "mentions"): "85.0 MRC with RuBERT, 82.5 SpERT, 79.6 biaffine (NEREL README)",
    ("NEREL test", "relations, gold mentions"): (
        "51.7 RuBERT, whole documents, other negatives (NEREL README)"
    ),
    ("CoNLL04 test", "mentions"): "88.9 SpERT with BERT (paper, from memory)",
    ("CoNLL04 test", "relations, end to end"): "71.5 SpERT with BERT (paper, from memory)",
    ("KnowledgeNet dev", "relations, end to end"): (
        "50.4 BERT baseline, 72.6 Diffbot, links of the unpublished fold 5 (KnowledgeNet README)"
    ),
    ("Re-DocRED test", "relations, gold mentions"): (
        "77.6 ATLOP with RoBERTa-large, trained on the split that we lack (paper, from memory)"
    ),
    ("WNUT-17 test", "mentions"): "56.5 BERTweet, 41.9 winner of 2017 (papers, from memory)",
}
