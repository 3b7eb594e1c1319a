"""Personal data: every place that holds some, what it tells of a person, and how it forgets them."""
