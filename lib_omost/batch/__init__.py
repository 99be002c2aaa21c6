"""Turns a file of requests into pictures and resumes a batch that was interrupted."""
