"""Chaos: real processes under a script of calamities, and then every account settled. docs/chaos.md tells more."""
