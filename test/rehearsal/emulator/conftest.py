"""What pytest looks for under this name."""

from served import emulator

__all__ = ["emulator"]
