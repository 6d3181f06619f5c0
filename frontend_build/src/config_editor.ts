/** The editor of a labeling config, with its live preview: a project's labeling settings, and new projects. */
import "./styles/config_editor.css";

import { ConfigEditorPage, type ConfigEditorContext } from "./config_editor/page";

const context = document.getElementById("config-editor-context");
if (context?.textContent) {
  void new ConfigEditorPage(JSON.parse(context.textContent) as ConfigEditorContext).start();
}
