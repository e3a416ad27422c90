"""Scores that a language model gives answers, kept apart from what is measured."""
