"""What README.md says that a command knows better: tables, drawings, the tree."""
