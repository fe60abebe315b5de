"""Numbers in addresses: those that the database gives, and none that it couldn't hold."""

from starlette.convertors import Convertor, register_url_convertor


class Number(Convertor[int]):
    regex = "[0-9]{1,15}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


NUMBER = "number"
"""What such a part of an address is called: `{id:number}`."""

register_url_convertor(NUMBER, Number())
