"""Writes golden conversations anew."""

import asyncio
import sys
from pathlib import Path

from tests.conversations.script import act_out

for name in sys.argv[1:]:
    path = Path(name)
    path.write_text(asyncio.run(act_out(path.read_text(encoding="utf-8"))), encoding="utf-8")
