"""A draft as a form has it: every field as it was typed, right or wrong; from a file and back without loss."""
