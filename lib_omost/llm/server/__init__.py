"""Talks to language model servers over the OpenAI chat API."""
