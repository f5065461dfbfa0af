"""Values that operations, facts and connectors share. Nothing here talks to a network or a disk."""
