/** The import page: uploads in parts, preview, import. */
import "./styles/import.css";

import { ImportPage, type ImportContext } from "./import/page";

const context = document.getElementById("import-context");
if (context?.textContent) {
  new ImportPage(JSON.parse(context.textContent) as ImportContext).start();
}
