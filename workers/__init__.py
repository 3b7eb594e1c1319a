"""Background work: the Celery application, thin tasks over the jobs of the indexer, and schedules."""
