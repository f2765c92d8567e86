"""Stand-in for the Amazon CloudWatch agent on the machines of a rehearsal."""
