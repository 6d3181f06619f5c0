import { existsSync, readFileSync, readdirSync } from "node:fs";
import type { Plugin } from "vite";

/** npm packages whose code or drawings end up in dist/. */
const SHIPPED = [
  "@codemirror/autocomplete",
  "@codemirror/commands",
  "@codemirror/lang-xml",
  "@codemirror/language",
  "@codemirror/lint",
  "@codemirror/search",
  "@codemirror/state",
  "@codemirror/view",
  "@lezer/common",
  "@lezer/highlight",
  "@lezer/lr",
  "@lezer/xml",
  "@marijn/find-cluster-break",
  "@popperjs/core",
  "@tabler/core",
  "@tabler/icons",
  "bootstrap",
  "crelt",
  "echarts",
  "htmx.org",
  "style-mod",
  "w3c-keyname",
  "zrender",
];

interface PackageInfo {
  name: string;
  version: string;
  license: string;
  author?: string | { name: string };
}

/** Emit LICENSES.txt: name, version and licence text of every package that dist/ contains, the editor apart. */
export function licenses(): Plugin {
  return {
    name: "licenses",
    generateBundle() {
      const source = SHIPPED.map(notice).join("\n\n");
      this.emitFile({ type: "asset", fileName: "LICENSES.txt", source });
    },
  };
}

function notice(name: string): string {
  const folder = `node_modules/${name}`;
  const info = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as PackageInfo;
  const author = typeof info.author === "string" ? info.author : info.author?.name;
  const head = `${info.name} ${info.version}, licensed under ${info.license}${author ? `, by ${author}` : ""}`;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file && existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, "utf8").trim() : "";
  return `${head}\n${"-".repeat(head.length)}\n${text}`;
}
