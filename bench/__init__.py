"""Ratios against peers and a floor: `make bench`. A report, no test: nothing here fails for being slow."""
