import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

import { hashedName } from "./hashed";

const LIST = "icons.txt";
const STROKES =
  'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
const OUTLINE = "node_modules/@tabler/icons/icons/outline";

/** Emit `icons.svg`: one symbol for each icon named in icons.txt. */
export function icons(): Plugin {
  return {
    name: "icons",
    buildStart() {
      this.addWatchFile(LIST);
    },
    generateBundle() {
      const names = readFileSync(LIST, "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>`;
      this.emitFile({ type: "asset", fileName: hashedName("icons.svg", source), originalFileName: "icons.svg", source });
    },
  };
}

function symbol(name: string): string {
  const drawing = readFileSync(`${OUTLINE}/${name}.svg`, "utf8");
  const shapes = drawing
    .slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.lastIndexOf("</svg>"))
    .replace(/<path stroke="none"[^>]*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" ${STROKES}>${shapes}</symbol>`;
}
