"""Benchmarks: ratios against peers and a floor: `make bench`. It reports; nothing here fails for being slow."""
