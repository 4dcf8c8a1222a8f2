"""The benchmarks behind the figures of the README: `python -m bench --help`."""
