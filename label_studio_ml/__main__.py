"""`python -m label_studio_ml` is `label-studio-ml`."""

from label_studio_ml.cli import main

if __name__ == "__main__":  # server processes import this module again
    main()
