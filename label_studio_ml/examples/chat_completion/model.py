"""Asks a language model over HTTP: any server with the chat completions route of the OpenAI protocol."""

from __future__ import annotations

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

from label_studio_ml import LabelStudioMLBase
from label_studio_ml.errors import ModelFailed

TRIES = 3
READ_SECONDS = 60
BUSY = (429, 500, 502, 503, 504)


class ChatCompletion(LabelStudioMLBase):
    """Answers `<Choices>` or `<TextArea>` about a `<Text>`.

    Start it with `--with base_url=http://localhost:11434/v1 model=NAME`, and `at_once=8` for more requests at a time;
    the key, if one is needed, is read from OPENAI_API_KEY. The project's extra parameters may hold a `prompt`.
    """

    max_concurrent_predictions = 4

    def setup(self) -> None:
        """Read what the operator gave."""
        self.from_name, self.to_name, self.key = self.get_first_tag_occurence(("Choices", "TextArea"), "Text")
        self.control = self.label_interface.controls[self.from_name]
        base_url = self.params.get("base_url") or os.environ.get(
            "OPENAI_BASE_URL", "http://127.0.0.1:11434/v1"
        )
        self.url = str(base_url).rstrip("/") + "/chat/completions"
        self.name = str(self.params.get("model") or os.environ.get("OPENAI_MODEL", "default"))
        self.at_once = int(self.params.get("at_once", 4))
        self.pool = urllib3.PoolManager(
            maxsize=self.at_once,
            timeout=urllib3.Timeout(connect=5, read=READ_SECONDS),
            retries=urllib3.Retry(
                TRIES, redirect=0, status_forcelist=BUSY, allowed_methods=None, backoff_factor=0.2
            ),
        )
        self.set("model_version", f"{self.name}-1")

    def predict(
        self, tasks: list[dict[str, Any]], context: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return the answer to each task; one that names no choice is left out, with the lowest score."""
        with ThreadPoolExecutor(self.at_once) as threads:
            return list(threads.map(self._prediction, tasks))

    def _prediction(self, task: dict[str, Any]) -> dict[str, Any]:
        answer = self._ask(str(task["data"].get(self.key, "")))
        if self.control.type == "TextArea":
            return {"result": [self._item("textarea", {"text": [answer]})]}
        choice = choice_in(answer, list(self.control.labels))
        return (
            {"result": [self._item("choices", {"choices": [choice]})]}
            if choice
            else {"result": [], "score": 0.0}
        )

    def _item(self, kind: str, value: dict[str, Any]) -> dict[str, Any]:
        return {"from_name": self.from_name, "to_name": self.to_name, "type": kind, "value": value}

    def _prompt(self) -> str:
        prompt = str(self.extra_params.get("prompt") or "Read the text of the user and answer about it.")
        if self.control.type == "Choices":
            names = json.dumps(list(self.control.labels), ensure_ascii=False)
            prompt += f' Answer with JSON of the form {{"label": …}}; the label must be one of {names}.'
        return prompt

    def _ask(self, text: str) -> str:
        """Return what the language model says.

        Raises:
            ModelFailed: it cannot be reached, or its answer has another form.
        """
        body = {
            "model": self.name,
            "temperature": 0,
            "messages": [{"role": "system", "content": self._prompt()}, {"role": "user", "content": text}],
        }
        key = os.environ.get("OPENAI_API_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            reply = self.pool.request("POST", self.url, json=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise ModelFailed(f"{self.url} cannot be asked: {error}") from error
        if reply.status != 200:
            raise ModelFailed(
                f"{self.url} answered {reply.status}: {reply.data[:300].decode(errors='replace')}"
            )
        try:
            return str(json.loads(reply.data)["choices"][0]["message"]["content"]).strip()
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ModelFailed(f"{self.url} answered something that is no chat completion.") from error


def choice_in(answer: str, choices: list[str]) -> str | None:
    """Return the choice that an answer names, as JSON or as words; None when it names none, or several."""
    found = re.search(r"\{.*\}", answer, re.DOTALL)
    if found:
        try:
            named = json.loads(found[0]).get("label")
        except ValueError:
            named = None
        if named in choices:
            return str(named)
    mentioned = [
        choice for choice in choices if re.search(rf"(?<!\w){re.escape(choice)}(?!\w)", answer, re.IGNORECASE)
    ]
    return mentioned[0] if len(mentioned) == 1 else None
