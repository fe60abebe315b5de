"""`python -m folkmoot` is `folkmoot`."""

from folkmoot.cli import app

app()
