"""Makes what the template gallery shows: sample files, pictures of the templates, and their page in docs/.

Not a part of the product: what it makes is committed, and served from apps/labeling/static/.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "apps" / "labeling" / "static"
SAMPLES = STATIC / "samples"
"""The files that the sample tasks show: /static/samples/."""
