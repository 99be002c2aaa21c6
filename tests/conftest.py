"""Property tests without a time limit: speed is judged in benchmarks, and CI machines differ."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
