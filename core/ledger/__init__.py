"""The ledger: a Merkle log of every story entry, so that nothing in the record can be lost or rewritten unseen."""
