/** The label page: the editor, full height, and a slim bar above it. */
import { Api } from "./label/api";
import { Labeling, type LabelPageContext } from "./label/labeling";
import { PageElements } from "./label/page_elements";
import { startLabelPanel } from "./label/panel";

const context = document.getElementById("label-context");
if (context?.textContent) {
  startLabelPanel();
  void new Labeling(JSON.parse(context.textContent) as LabelPageContext, new Api(), new PageElements()).start();
}
