/** Loaded on every page: style sheets, htmx, Bootstrap's behaviours and our own small ones. */
import "@tabler/core/dist/css/tabler.min.css";
import "./styles/app.css";
import "./styles/gallery.css";
import "./styles/label.css";
import "./styles/settings.css";
import "./styles/task.css";

import "bootstrap/js/dist/collapse";
import "bootstrap/js/dist/dropdown";
import "bootstrap/js/dist/modal";
import "htmx.org";

import { watchCopyButtons } from "./page/copy";
import { watchDialogs } from "./page/dialogs";
import { watchFilters } from "./page/filter";
import { watchFormSubmits } from "./page/forms";
import { watchGalleries } from "./page/gallery";
import { watchImpact } from "./page/impact";
import { watchMentionFields } from "./page/mention_list";
import { showAtStart } from "./page/show_at_start";
import { watchShortcuts } from "./page/shortcuts";
import { showCurrentTab } from "./page/tabs";
import { watchTemplateChoices } from "./page/template_choice";
import { showTimes } from "./page/times";
import { showToasts } from "./page/toasts";
import { guardUnsaved } from "./page/unsaved";

function enhance(root: ParentNode): void {
  showTimes(root);
  showToasts(root);
  watchFilters(root);
  watchGalleries(root);
  watchImpact(root);
  watchTemplateChoices(root);
  guardUnsaved(root);
}

watchCopyButtons();
watchDialogs();
watchFormSubmits();
watchMentionFields();
watchShortcuts();
showAtStart();
showCurrentTab();
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.target as HTMLElement));
