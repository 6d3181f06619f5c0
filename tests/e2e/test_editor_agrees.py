"""The validator's verdict on a labeling config is the editor's, and the registry of tags is the editor's own."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from apps.labeling.tags import registry
from apps.labeling.validation import inspect
from tests.labeling.corpus import Example, corpus, task_data

ROOT = Path(__file__).resolve().parents[2]
EDITOR = ROOT / "frontend_build" / "dist" / "editor"
SAMPLES = ROOT / "apps" / "labeling" / "static" / "samples"
BLANK = (
    '<!doctype html><link rel="stylesheet" href="/{css}"><div id="editor"></div><script src="/{js}"></script>'
)

OPEN = """
([config, data]) => new Promise((resolve) => {
  const wrong = [];
  const finish = () => setTimeout(() => {
    const shown = window.Htx?.annotationStore;
    const told = (shown?.validation ?? []).map((error) => [error.error, error.modelName, error.field, error.value]);
    const empty = document.getElementById("editor").childElementCount === 0;
    resolve({ wrong: [...wrong, ...told.map(String)], empty });
  }, 120);
  addEventListener("unhandledrejection", (event) => { wrong.push(String(event.reason)); finish(); });
  addEventListener("error", (event) => { wrong.push(event.message); finish(); });
  new LabelStudio("editor", {
    config,
    interfaces: ["topbar", "controls", "submit", "side-column"],
    user: { pk: 1 },
    task: { id: 1, data, annotations: [], predictions: [] },
    onStorageInitialized: (store) => {
      const annotation = store.annotationStore.addAnnotation({ userGenerate: true });
      store.annotationStore.selectAnnotation(annotation.id);
      finish();
    },
  });
})
"""

MODELS = """
() => {
  const found = {};
  const visit = (node) => {
    const properties = node.$treenode.type.properties;
    const described = {};
    for (const [name, type] of Object.entries(properties)) {
      described[name] = name === "children" ? "" : type.describe();
    }
    found[node.type.toLowerCase()] = { described, children: properties.children?.value ?? null };
    (node.children ?? []).forEach(visit);
  };
  visit(window.Htx.annotationStore.root);
  return found;
}
"""

EVERY_TAG = """<View>
  <Style>.a { color: red }</Style><Header value="x"/><Filter name="filter" toName="labels"/>
  <Relations><Relation value="r"/></Relations><Collapse><Panel value="x"><View/></Panel></Collapse>
  <Text name="text" value="$text"/><HyperText name="html" value="$html"/><Image name="image" value="$image"/>
  <Paragraphs name="talk" value="$dialogue"/><Audio name="audio" value="$sound"/>
  <AudioPlus name="plus" value="$sound"/><Video name="video" value="$video"/><Table name="table" value="$facts"/>
  <TimeSeries name="series" value="$series" valueType="json" timeColumn="time"><Channel column="level"/></TimeSeries>
  <List name="list" value="$items" elementValue="$text"/><Ranker name="ranker"/><Dialog name="d" value="$dialogue"/>
  <Choices name="choices" toName="text"><Choice value="x"/></Choices>
  <Taxonomy name="tree" toName="text"><Choice value="x"/></Taxonomy>
  <TextArea name="area" toName="text"><Shortcut value="s"/></TextArea>
  <Rating name="rating" toName="text"/><Number name="number" toName="text"/>
  <Pairwise name="pair" toName="text,html"/><Labels name="labels" toName="text"><Label value="A"/></Labels>
  <HyperTextLabels name="hl" toName="html"><Label value="A"/></HyperTextLabels>
  <ParagraphLabels name="pl" toName="talk"><Label value="A"/></ParagraphLabels>
  <TimeSeriesLabels name="tl" toName="series"><Label value="A"/></TimeSeriesLabels>
  <RectangleLabels name="rl" toName="image"><Label value="A"/></RectangleLabels>
  <EllipseLabels name="el" toName="image"><Label value="A"/></EllipseLabels>
  <PolygonLabels name="ol" toName="image"><Label value="A"/></PolygonLabels>
  <KeyPointLabels name="kl" toName="image"><Label value="A"/></KeyPointLabels>
  <BrushLabels name="bl" toName="image"><Label value="A"/></BrushLabels>
  <Rectangle name="r" toName="image"/><Ellipse name="e" toName="image"/><Polygon name="p" toName="image"/>
  <KeyPoint name="k" toName="image"/><Brush name="b" toName="image"/>
</View>"""

# What the editor keeps in its models beside attributes of the config.
INNER = {"id", "type", "children", "pid", "controlledTags", "parentTypes", "toname", "name", "margin"}
STRICT = {"boolean": "flag", "CSSColor": "colour", "Range": "fraction"}


class EditorFiles(http.server.SimpleHTTPRequestHandler):
    """Serves a page that holds nothing but the editor, and sample files; the browser keeps what it loaded."""

    def do_GET(self) -> None:
        if self.path == "/":
            script, style = next(EDITOR.glob("main.*.js")), next(EDITOR.glob("main.*.css"))
            page = BLANK.format(js=script.name, css=style.name).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        folder, name = (
            (SAMPLES, path.removeprefix("/samples/")) if path.startswith("/samples/") else (EDITOR, path)
        )
        return str(folder / Path(name).name)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The address of a server of the editor's files."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), EditorFiles) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def blank_page(browser: Browser, origin: str) -> Iterator[Page]:
    """A page whose relative address is that server."""
    context = browser.new_context(base_url=origin)
    yield context.new_page()
    context.close()


def open_config(page: Page, config: str) -> dict[str, Any]:
    """Open a config in the real editor and return what went wrong, and whether it stayed empty."""
    page.goto("/")
    found: dict[str, Any] = page.evaluate(OPEN, [config, task_data()])
    return found


@pytest.mark.parametrize("example", corpus(), ids=lambda example: example.name)
def test_the_editor_shows_what_the_corpus_says(blank_page, example: Example):
    found = open_config(blank_page, example.config)
    assert (not found["wrong"] and not found["empty"]) is example.opens, found
    assert (inspect(example.config).config is not None) is example.is_usable


def test_the_registry_holds_the_attributes_of_the_editors_own_models(blank_page):
    open_config(blank_page, EVERY_TAG)
    models = blank_page.evaluate(MODELS)
    assert models.keys() == {name.lower() for name in registry()}
    for tag in registry().values():
        model = models[tag.name.lower()]
        names = {
            name
            for name in model["described"]
            if name == name.lower() and not name.startswith("_") and name not in INNER
        }
        ours = {attribute.name.lower() for attribute in tag.attributes.values()} - {"toname", "name"}
        assert names - ours == set(), f"<{tag.name}> lacks attributes"
        assert ours - set(model["described"]) <= {"style"}, (
            f"<{tag.name}> has attributes the editor does not know"
        )


def test_the_registry_is_as_strict_as_the_editors_own_models(blank_page):
    open_config(blank_page, EVERY_TAG)
    models = blank_page.evaluate(MODELS)
    for tag in registry().values():
        described = models[tag.name.lower()]["described"]
        for attribute in tag.public_attributes:
            kind = described.get(attribute.name.lower(), "")
            expected = next((ours for theirs, ours in STRICT.items() if theirs in kind), None)
            assert expected is None or attribute.type == expected, f"<{tag.name}> {attribute.name}: {kind}"
            if '"' in kind:
                assert set(attribute.values) == set(kind.split('"')[1::2]), f"<{tag.name}> {attribute.name}"
                assert not attribute.lenient


def test_the_registry_lets_stand_inside_a_tag_what_the_editor_does(blank_page):
    open_config(blank_page, EVERY_TAG)
    models = blank_page.evaluate(MODELS)
    for tag in registry().values():
        children = models[tag.name.lower()]["children"]
        ours = None if tag.contains is None else {name.lower() for name in tag.contains}
        # Two names that the editor's lists hold, though it has no such tags.
        theirs = None if children is None else set(children) - {"richtext", "timeseriesoverview"}
        assert ours == theirs, f"<{tag.name}>"
