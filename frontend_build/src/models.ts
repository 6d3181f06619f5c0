/** The page of models: its charts, and the fields of the form that belong to the chosen way of signing in. */
import "./styles/models.css";

import { watchConnectionForm } from "./models/connection_form";
import { watchCharts } from "./statistics/charts";

watchCharts();
watchConnectionForm();
