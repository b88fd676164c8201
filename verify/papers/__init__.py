"""Built-in papers; each folder has a module-level ``paper``."""
