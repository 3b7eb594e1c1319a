"""The sample catalogue: a made-up department store whose generator knows what every product is."""
