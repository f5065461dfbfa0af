"""How a patch changes an object: merge, strategic merge, JSON patch, server-side apply."""
