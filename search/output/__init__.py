"""Page -> what people and scripts read; pure."""
