"""ResultPage -> what people and scripts read; pure."""
