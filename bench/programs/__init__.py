"""The measured programs, one file each: `drain(work)` reads every run of the simulated workspace, and returns how many.

Where `synced(work)` exists, it makes a first sync, and returns a function that reads what is new an hour later.
"""
