"""Who may do what: RBAC and access reviews."""
