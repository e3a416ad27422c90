"""Question sets and annotated texts, from whatever file they came."""
