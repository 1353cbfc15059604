"""The command line of the programs behind scripts/bench.sh."""
import argparse
import sys


class Parser(argparse.ArgumentParser):
    """Ends with the status that sysexits(3) has for wrong usage."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(64, f'{self.prog}: {message}\n')
