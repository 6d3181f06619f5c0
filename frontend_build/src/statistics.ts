/** The charts of a project's overview: drawn from what the page says of each, again in other days, sizes and themes. */
import "./styles/statistics.css";

import htmx from "htmx.org";

import { watchCharts } from "./statistics/charts";
import { useOwnTimeZone } from "./statistics/time_zone";

// The way back loads the page: swapped in, it would bring styles of charts along that the policy refuses.
htmx.config.refreshOnHistoryMiss = true;
watchCharts();
useOwnTimeZone();
