"""Faults that a test arranges for the fake Telegram's next calls: refusals, garbled answers, broken connections."""

from dataclasses import dataclass

from tests.fakes.telegram_rules import Refusal


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls of a method (`*`: of any). `accepts`: carried out all the same."""

    method: str
    times: int
    refusal: Refusal | None = None
    body: str | None = None
    accepts: bool = False
    seconds: float = 0.0


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def fail(self, method: str, code: int, description: str, *, times: int = 1, **parameters: int) -> None:
        """The next calls are refused: `retry_after=3` and the like go into `parameters` of the answer."""
        self._faults.append(Fault(method, times, Refusal(code, description, **parameters)))

    def garble(self, method: str, body: str, *, times: int = 1, accepts: bool = True) -> None:
        """The next calls are answered 200 with this body."""
        self._faults.append(Fault(method, times, body=body, accepts=accepts))

    def drop(self, method: str, *, accepts: bool, times: int = 1) -> None:
        """The connection breaks without an answer, after the call was carried out or before."""
        self._faults.append(Fault(method, times, accepts=accepts))

    def hang(self, method: str, seconds: float, *, accepts: bool = True, times: int = 1) -> None:
        """The answer takes that long; then the connection breaks."""
        self._faults.append(Fault(method, times, accepts=accepts, seconds=seconds))

    def next_fault(self, method: str) -> Fault | None:
        for fault in self._faults:
            if fault.method in (method, "*") and fault.times > 0:
                fault.times -= 1
                return fault
        return None
