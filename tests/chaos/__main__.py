"""`python -m tests.chaos --seeds 20 --from 1 --database sqlite|postgres`: so many scripts, one after the other."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from rich.console import Console

from tests.chaos.run import Run
from tests.chaos.script import write_script

out = Console(highlight=False, soft_wrap=True, markup=False)


def main() -> int:
    parser = argparse.ArgumentParser(description="Breaks everything by a script, and settles every account.")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--from", type=int, default=1, dest="first", help="the first")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--quiet", action="store_true", help="the script of a seed isn't printed")
    asked = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # read while it runs, from a file too
    seeds = range(asked.first, asked.first + asked.seeds)
    began = time.time()
    bad = [seed for seed in seeds if not settles(seed, asked.database, quiet=asked.quiet)]
    out.print(f"{asked.database}: {len(seeds) - len(bad)} of {len(seeds)} seeds settled in {time.time() - began:.0f} s")
    for seed in bad:
        out.print(f"  again: python -m tests.chaos --from {seed} --database {asked.database}")
    return 1 if bad else 0


def settles(seed: int, database: str, *, quiet: bool = False) -> bool:
    """Runs one seed, and says how each account stands. What failed is kept in a folder."""
    script = write_script(seed, database)
    out.print("\n".join([next(script.lines())] if quiet else script.lines()))
    folder = Path(tempfile.mkdtemp(prefix=f"folkmoot-chaos-{database}-{seed}-"))
    run, began = Run(script, folder), time.time()
    try:
        accounts = asyncio.run(run.settle())
    except Exception:  # one run that broke down must not keep the others from being made
        traceback.print_exc(file=sys.stdout)
        out.print(f"seed {seed} on {database}: BROKE DOWN; everything of it is in {folder}\n")
        return False
    for account in accounts:
        out.print(account.line)
    is_good = all(account.is_settled for account in accounts)
    end = "every account settled" if is_good else f"NOT SETTLED; everything of it is in {folder}"
    out.print(f"seed {seed} on {database}: {end} ({time.time() - began:.0f} s: {run.told})\n")
    if is_good:
        shutil.rmtree(folder)
    return is_good


if __name__ == "__main__":
    sys.exit(main())
