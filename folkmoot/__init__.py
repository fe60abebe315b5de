"""How Folkmoot is put together and started."""
