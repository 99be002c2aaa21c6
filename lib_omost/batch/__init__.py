"""Many requests to many pictures: read, composed, painted, and kept so that a crash loses none."""
