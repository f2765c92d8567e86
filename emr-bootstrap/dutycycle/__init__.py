"""The parts of the duty-cycle job; `duty_cycle.py` beside this package is the program that is submitted."""
