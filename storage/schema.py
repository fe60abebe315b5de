"""All tables: whoever wants the whole of them asks here, so that none is missing."""

from storage import outgoing, tables
from storage.desk import (
    counting,
    deeds,
    drafts,
    groups,
    handovers,
    hooks,
    imports,
    inbox,
    needs,
    rolls,
    sittings,
    tokens,
    vocabulary,
)
from storage.tables import metadata

ROOMS = (
    tables, outgoing, counting, sittings, deeds, drafts, tokens, hooks, vocabulary, inbox, needs, handovers, rolls,
    groups, imports,
)  # fmt: skip

__all__ = ["ROOMS", "metadata"]
