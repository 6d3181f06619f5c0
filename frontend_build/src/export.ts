/** The export page: a finished file is downloaded by itself, and media are offered where a format can hold them. */
import "./styles/export.css";

import { offerMedia } from "./export/media_choice";
import { downloadAtOnce } from "./export/download";

offerMedia(document);
document.addEventListener("htmx:load", (event) => downloadAtOnce(event.target as HTMLElement));
