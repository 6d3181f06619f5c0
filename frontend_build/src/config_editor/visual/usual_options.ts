/** The options of tags that people change most; all others are a matter for the code. */

export interface Tick {
  attribute: string;
  label: string;
  help?: string;
  /** What is written for a tick, and for none; the editor's own default needs no attribute. */
  on: string;
  off: string;
  isOnByDefault: boolean;
}

export interface NumberOption {
  attribute: string;
  label: string;
  /** What the editor takes without the attribute. */
  byDefault: string;
  min: number;
  max: number;
}

interface Options {
  ticks: Tick[];
  numbers: NumberOption[];
}

const REQUIRED = tick("required", "An answer is required", false);
const PER_REGION = tick("perRegion", "Asked for each region", false, "The question appears when a region is selected.");
const CHOOSE_MANY: Tick = {
  attribute: "choice",
  label: "Several may be chosen",
  on: "multiple",
  off: "single",
  isOnByDefault: false,
};

const LABELS: Options = {
  ticks: [REQUIRED, { ...CHOOSE_MANY, label: "A region may have several labels" }, tick("showInline", "Labels in one row", true)],
  numbers: [],
};

const OPTIONS: Record<string, Options> = {
  Choices: {
    ticks: [REQUIRED, CHOOSE_MANY, tick("showInline", "Choices in one row", false), PER_REGION],
    numbers: [],
  },
  Taxonomy: {
    ticks: [REQUIRED, tick("leafsOnly", "Only the innermost entries may be chosen", false), tick("showFullPath", "Show the whole path of an answer", false), PER_REGION],
    numbers: [],
  },
  TextArea: {
    ticks: [REQUIRED, tick("editable", "Sent texts can be edited", false), tick("showSubmitButton", "Show an Add button", false), PER_REGION],
    numbers: [
      { attribute: "rows", label: "Height in lines", byDefault: "1", min: 1, max: 50 },
      { attribute: "maxSubmissions", label: "At most so many texts", byDefault: "", min: 1, max: 1000 },
    ],
  },
  Rating: {
    ticks: [REQUIRED, PER_REGION],
    numbers: [{ attribute: "maxRating", label: "Number of stars", byDefault: "5", min: 1, max: 20 }],
  },
  Number: {
    ticks: [REQUIRED, PER_REGION],
    numbers: [
      { attribute: "min", label: "Smallest", byDefault: "", min: -1e9, max: 1e9 },
      { attribute: "max", label: "Largest", byDefault: "", min: -1e9, max: 1e9 },
    ],
  },
  Image: {
    ticks: [
      tick("zoom", "Zoom with Ctrl and the wheel", true),
      tick("zoomControl", "Zoom buttons", true),
      tick("rotateControl", "Rotate buttons", false),
      tick("brightnessControl", "Brightness", false),
      tick("contrastControl", "Contrast", false),
      tick("crosshair", "Crosshair", false),
      tick("grid", "Grid", false),
    ],
    numbers: [],
  },
  Text: {
    ticks: [
      { attribute: "granularity", label: "Select whole words", on: "word", off: "symbol", isOnByDefault: false },
      tick("selectionEnabled", "Text may be selected", true),
    ],
    numbers: [],
  },
};

/** Return the usual options of a tag. */
export function usualOptions(tag: string): Options {
  return OPTIONS[tag] ?? (/Labels?$/.test(tag) && tag !== "Label" ? LABELS : { ticks: [], numbers: [] });
}

function tick(attribute: string, label: string, isOnByDefault: boolean, help?: string): Tick {
  return { attribute, label, isOnByDefault, on: "true", off: "false", ...(help ? { help } : {}) };
}
