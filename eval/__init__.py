"""Evaluation runs: tasks, intervals, reports."""
