"""Measures as pure functions of gold and found: counts that add up, or a number of one case."""
