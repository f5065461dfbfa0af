"""The site as a whole: it starts all systems, and LAB_URL controls them."""
