"""The A1111 and Forge script: hooks of one sampling job, settings section, X/Y/Z axes."""
