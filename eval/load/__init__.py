"""The parts of the load task: many pages and streams at once."""
