"""The interface for programs: everything that the desk can do, as JSON under /api/v1."""
