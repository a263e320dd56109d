"""`python -m qref`, the same as `qref`."""

from qref.cli.main import main

if __name__ == "__main__":
    main()
