"""An index in an OpenSearch cluster: what it is made of, and how it is written."""
