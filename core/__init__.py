"""What Folkmoot knows and decides. No platform, framework, database, clock or dice in here."""
