"""A worker that tells webhooks, as a process of its own: `python -m tests.api.teller DATABASE MOMENT`."""

import asyncio
import sys
from datetime import datetime

from folkmoot.assembly import assemble
from folkmoot.calling import open_calls
from folkmoot.hooks import HookTeller
from tests.desk.stage import SetClock, settings_for
from web.hooks import HookKeys


async def tell(database: str, now: datetime) -> None:
    async with (
        assemble(settings_for(database), migrating=False, clock=SetClock(now)) as assembly,
        open_calls(may_go_anywhere=True) as calls,
    ):
        own = assembly.desk.developers
        keys, queue = HookKeys(own.vault), assembly.hook_queue
        await HookTeller(queue, keys, assembly.store, calls, assembly.clock, assembly.texts, own.watching).look()


if __name__ == "__main__":
    asyncio.run(tell(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
