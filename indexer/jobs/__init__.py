"""The logic of index jobs: import, apply, build, sync. No broker and no HTTP in here; workers and the CLI call it."""
