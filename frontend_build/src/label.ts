/** The label page: the editor, full height, and a slim bar above it. */
import { Api } from "./label/api";
import { openLocalStore } from "./label/indexed_store";
import { Labeling } from "./label/labeling";
import type { LabelPageContext } from "./label/opening";
import { PageElements } from "./label/page_elements";
import { startLabelPanel } from "./label/panel";
import { tellZone } from "./label/progress_zone";

const context = document.getElementById("label-context");
if (context?.textContent) {
  tellZone();
  startLabelPanel();
  const store = await openLocalStore();
  await new Labeling(JSON.parse(context.textContent) as LabelPageContext, new Api(), store, new PageElements()).start();
}
