"""What Folkmoot shows: the web chat, the stories of ideas, and the doors at which platforms knock."""
