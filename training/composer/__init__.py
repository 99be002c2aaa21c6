"""The composer: a small language model that writes canvas code about the little world."""
