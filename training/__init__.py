"""The little world on which the two models that ship are trained, and how they are trained."""
