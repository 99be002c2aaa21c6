"""The HTTP API under /omost/v1/, for the WebUI's FastAPI app or any other one."""

PREFIX = "/omost/v1"
