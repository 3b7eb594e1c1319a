"""Analysis, declared once: text → surface words → index terms, the same for every engine, for text and query alike."""
