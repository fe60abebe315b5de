"""What is measured, against what, in one run: ratios to a floor or a peer, with medians over interleaved blocks."""
