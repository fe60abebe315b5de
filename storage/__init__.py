"""What Folkmoot remembers: tables, the unit of work, queries, the outbox and migrations. Rows stop here."""
