"""What the dress rehearsal adds to MiniStack: the resource types that the deployment uses and MiniStack lacks."""
