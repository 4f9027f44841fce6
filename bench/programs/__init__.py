"""The measured programs, one file each: `drain(work)` reads every run of the simulated workspace, and returns how many."""
