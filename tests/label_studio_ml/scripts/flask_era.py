"""A model as it was written for the servers of the Flask era; only the import is another."""

import json
import os

from label_studio_ml import LabelStudioMLBase, get_choice, get_single_tag_keys, is_skipped


class WordCounter(LabelStudioMLBase):
    """Gives a text the choice whose training texts shared most words with it."""

    def __init__(self, lowest_score=0.25, **kwargs):
        super().__init__(**kwargs)
        self.lowest_score = lowest_score
        self.from_name, self.to_name, self.value, self.labels = get_single_tag_keys(
            self.parsed_label_config, "Choices", "Text"
        )
        self.words = {label: [] for label in self.labels}
        if self.train_output:
            with open(self.train_output["words_file"]) as file:
                self.words = json.load(file)

    def predict(self, tasks, **kwargs):
        predictions = []
        for task in tasks:
            words = set(task["data"][self.value].lower().split())
            shared = {label: len(words & set(known)) for label, known in self.words.items()}
            best = max(self.labels, key=lambda label: shared[label])
            item = {
                "from_name": self.from_name,
                "to_name": self.to_name,
                "type": "choices",
                "value": {"choices": [best]},
            }
            score = max(self.lowest_score, shared[best] / max(1, len(words)))
            predictions.append({"result": [item], "score": score})
        return predictions

    def fit(self, completions, workdir=None, **kwargs):
        words = {label: [] for label in self.labels}
        for task in completions:
            if is_skipped(task):
                continue
            words[get_choice(task)] += task["data"][self.value].lower().split()
        words_file = os.path.join(workdir, "words.json")
        with open(words_file, "w") as file:
            json.dump(words, file)
        return {"words_file": words_file, "labels": self.labels}
