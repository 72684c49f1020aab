"""The backend of an index in an OpenSearch cluster."""
