"""What encoders and rerankers share: finding a pinned model, making it small and fast, keeping it, running it."""
