"""What is read from GitLab: a fact is a GET, or a GraphQL query; by chapter of GitLab's API."""
