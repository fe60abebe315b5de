"""The rooms of the desk in which something is of one member."""

from storage.desk import deeds, drafts, groups, handovers, hooks, imports, rolls, sittings, tokens

OF_MEMBERS = (sittings, deeds, drafts, handovers, tokens, hooks, rolls, groups, imports)
"""Each has `join(connection, number, other)`, for two who are one, and `forget(connection, number)`."""
