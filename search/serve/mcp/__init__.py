"""The index for language models: tools and resources, over pipes and over HTTP."""
