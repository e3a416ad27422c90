"""What is kept: the record types, and the stores that keep them in one folder."""
