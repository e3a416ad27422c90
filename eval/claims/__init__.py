"""Claims that a model could make of documents: lies, truths, and a model that says them."""
