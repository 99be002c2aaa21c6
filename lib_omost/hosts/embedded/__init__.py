"""The third host: diffusers, for the command line, the tests and the benchmarks."""
