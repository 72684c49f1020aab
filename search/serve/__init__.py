"""One warm index for many: HTTP, the page, MCP; each asks the same Request as the command does."""
