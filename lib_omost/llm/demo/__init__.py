"""The demonstration composer: a small language model that knows a few drawn shapes."""
