"""The graph of a whole library, to be looked at: overview, neighbours, paths, pages of facts."""
