"""The examples of docs/api.md are run as they stand."""

import asyncio
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.api.programs import token
from tests.desk.stage import Stage

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
async def test_every_example_does_what_it_says(stage: Stage) -> None:
    secret = (await token(stage)).secret
    blocks = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)
    script = "set -eu\n" + "\n".join(blocks).replace("https://folkmoot.example.org", stage.url).replace(
        "fm_...", secret
    )
    script = re.sub(r"^curl -s ", "curl -sS --fail-with-body -w '\\\\n---\\\\n' ", script, flags=re.MULTILINE)
    path = {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"}
    done = await asyncio.create_subprocess_exec(
        "bash", "-c", script, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=path
    )
    out, err = await done.communicate()
    said = out.decode()
    assert done.returncode == 0, said + err.decode()
    answers = said.split("\n---\n")
    assert len(answers) == script.count("curl -sS") + 1
    assert json.loads(answers[0])["name"] == "a program"
    assert json.loads(answers[1])["phase"] == "draft"
    assert answers[2].startswith("consultation: trams")
    assert '"url":"https://example.org/folkmoot"' in answers[-2]
