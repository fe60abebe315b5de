"""The floor of a start: the smallest FastAPI app there is, over uvicorn. `python -m bench.bare PORT`."""

import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI(openapi_url=None)


@app.get("/healthz")
async def healthz() -> dict[str, bool]:
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
