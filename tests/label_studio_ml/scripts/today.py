"""A model as it is written for today's servers; not even the import is another."""

from typing import Dict, List, Optional

from label_studio_ml.model import LabelStudioMLBase
from label_studio_ml.response import ModelResponse


class KeywordMarker(LabelStudioMLBase):
    """Marks the words that were marked in completions."""

    def setup(self):
        self.set("model_version", f"{self.__class__.__name__}-v0.0.1")

    def predict(self, tasks: List[Dict], context: Optional[Dict] = None, **kwargs) -> ModelResponse:
        from_name, to_name, value = self.label_interface.get_first_tag_occurence("Labels", "Text")
        known = self.get("words") or {}
        if context and context.get("result"):
            known = {region["value"]["text"]: region["value"]["labels"][0] for region in context["result"]}
        predictions = []
        for task in tasks:
            text = task["data"][value]
            regions = []
            for word, label in known.items():
                start = text.find(word)
                if start >= 0:
                    regions.append(
                        {
                            "from_name": from_name,
                            "to_name": to_name,
                            "type": "labels",
                            "value": {
                                "start": start,
                                "end": start + len(word),
                                "text": word,
                                "labels": [label],
                            },
                        }
                    )
            predictions.append({"result": regions, "score": 1.0 if regions else 0.0})
        return ModelResponse(predictions=predictions)

    def fit(self, event, data, **kwargs):
        if event not in ("ANNOTATION_CREATED", "ANNOTATION_UPDATED"):
            return None
        words = self.get("words") or {}
        for item in data["annotation"]["result"]:
            words[item["value"]["text"]] = item["value"]["labels"][0]
        self.set("words", words)
        self.set("model_version", f"{self.__class__.__name__}-{len(words)}-words")
        print(f"learned {len(words)} words")
        return None
