"""Mail, feeds and web archives: many articles in one file, each sent or published by itself."""
