/** The data manager page: a project's tasks as a table or a grid. */
import "./styles/data_manager.css";

import { DataManagerPage } from "./data_manager/page";

const root = document.getElementById("data-manager");
if (root) {
  new DataManagerPage(root).start();
}
