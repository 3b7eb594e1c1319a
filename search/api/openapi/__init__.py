"""What the HTTP API says of itself: each call in the file of its topic, all of them put together in `document`."""
