"""What the desk remembers: sittings and deeds, and what is written, read and kept there; each room with its tables."""
