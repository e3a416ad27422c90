"""Questions drafted from a library's own graph, and those that its corrections imply."""
