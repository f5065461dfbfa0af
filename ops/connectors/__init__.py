"""How requests and commands travel. All network code of the project lives here."""
