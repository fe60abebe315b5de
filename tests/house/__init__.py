"""The whole house as real processes, with the platforms' test servers outside it."""
