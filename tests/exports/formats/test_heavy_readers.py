"""What `datasets` and spaCy make of exports, where these are installed: `pip install label-studio-server[oracles]`."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.exports.formats.writing import mood, span, task, written


def test_the_datasets_library_loads_a_data_set_with_its_features(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="the extra oracles is not installed")
    first = task({"text": "Ada", "tags": ["a", "b"], "shop": 3, "price": 1.5}, [mood("good")])
    raw = written("HUGGINGFACE", first, task({"text": "Bob", "tags": []}, [mood("bad")], id=2))
    zipfile.ZipFile(io.BytesIO(raw)).extractall(tmp_path / "set")
    found = datasets.load_dataset(str(tmp_path / "set"), cache_dir=str(tmp_path / "cache"))["train"]
    assert found.features["mood"] == datasets.ClassLabel(names=["good", "bad"])
    assert [found.features["mood"].int2str(row["mood"]) for row in found] == ["good", "bad"]
    assert [(row["text"], row["tags"], row["shop"], row["price"]) for row in found] == [
        ("Ada", ["a", "b"], 3, 1.5), ("Bob", [], None, None),
    ]  # fmt: skip


def test_spacy_packs_the_documents_into_a_docbin():
    spacy = pytest.importorskip("spacy", reason="the extra oracles is not installed")
    tokens = pytest.importorskip("spacy.tokens", reason="the extra oracles is not installed")
    language = spacy.blank("en")
    raw = written(
        "SPACY", task({"text": "🚀 Zoe\u0301 lived in London."}, [span(3, 7, "PER"), span(17, 23, "LOC")])
    )
    [line] = map(json.loads, raw.splitlines())
    document = language.make_doc(line["text"])
    document.ents = [document.char_span(*entity) for entity in line["entities"]]
    [kept] = tokens.DocBin().from_bytes(tokens.DocBin(docs=[document]).to_bytes()).get_docs(language.vocab)
    assert [(entity.text, entity.label_) for entity in kept.ents] == [("Zoe\u0301", "PER"), ("London", "LOC")]
