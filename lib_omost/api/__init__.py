"""The API under /omost/v1/: beside a host's own and under its rules, or in any FastAPI app."""

PREFIX = "/omost/v1"
