"""The catalogue store: indexes with their products, generations and embeddings in SQL, the source of truth."""
