/** The charts of a project's overview: drawn from what the page says of each, again in other days, sizes and themes. */
import "./styles/statistics.css";

import htmx from "htmx.org";

import { watchCharts } from "./statistics/charts";
import { useOwnTimeZone } from "./statistics/time_zone";

// No page is kept, so the way back would fetch a whole one and swap it in: loading it is the same work.
htmx.config.refreshOnHistoryMiss = true;
watchCharts();
useOwnTimeZone();
