"""What stands before all that answers: who may ask, how much, and for how long."""
