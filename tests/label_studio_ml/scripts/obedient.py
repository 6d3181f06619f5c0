"""A model that returns what the tasks and completions tell it to, to see what the server makes of it."""

import os
import signal
import time
from pathlib import Path

import numpy as np

from label_studio_ml import LabelStudioMLBase


class Obedient(LabelStudioMLBase):
    def setup(self):
        if self.params.get("fail_in_setup"):
            raise RuntimeError("no weights")

    def predict(self, tasks, context=None, **kwargs):
        orders = [task["data"] for task in tasks]
        if any(order.get("raise") for order in orders):
            raise RuntimeError("out of order")
        if any(order.get("numpy") for order in orders):
            return [{"result": [], "score": np.float32(0.5)} for _ in tasks]
        if any(order.get("nan") for order in orders):
            return [{"result": [], "score": float("nan")} for _ in tasks]
        if any(order.get("params") for order in orders):
            return [{"result": [], "score": self.params.get("threshold")} for _ in tasks]
        return [order["answer"] for order in orders if "answer" in order]

    def fit(self, completions, workdir=None, **kwargs):
        order = completions[0]["data"]
        print("fit begins", flush=True)
        self.set("seen", order.get("name"))
        Path(workdir, "half-done").write_text("x")
        if "began" in order:
            Path(order["began"]).write_text(str(os.getpid()))
        while "until" in order and not Path(order["until"]).exists():
            time.sleep(0.02)
        if order.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        if order.get("raise"):
            raise ValueError("these completions teach nothing")
        if order.get("nan"):
            return {"loss": float("nan")}
        return {"tasks": len(completions)}
