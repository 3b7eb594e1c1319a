"""The embedded engine: tantivy for words, faiss for vectors, append-only files for rows; nothing to start or run."""
