import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { extract } from "tar";
import type { Plugin } from "vite";

import { hashedName } from "./hashed";

interface EditorRelease {
  /** Name and exact version on the npm registry. */
  package: string;
  /** Subresource-integrity form of the archive's SHA-512. */
  integrity: string;
}

const CACHE = "node_modules/.cache/label-studio-editor";

/** File in the published archive → name in dist/. The source maps (9 MB) stay out. */
const FILES: Record<string, string> = {
  "build/static/js/main.js": "editor/main.js",
  "build/static/css/main.css": "editor/main.css",
  "build/static/js/main.js.LICENSE.txt": "editor/THIRD-PARTY-LICENSES.txt",
  LICENSE: "editor/LICENSE.txt",
};

/**
 * Emit the published build of the Label Studio Frontend under `editor/`.
 *
 * The archive is taken alone: its package.json lists some 200 dependencies which the bundle already contains.
 */
export function editor(): Plugin {
  return {
    name: "label-studio-editor",
    async generateBundle() {
      const folder = await unpackedRelease();
      for (const [path, name] of Object.entries(FILES)) {
        const source = withoutSourceMap(readFileSync(join(folder, path)), name);
        const fileName = name.endsWith(".txt") ? name : hashedName(name, source);
        this.emitFile({ type: "asset", fileName, originalFileName: name, source });
      }
    },
  };
}

async function unpackedRelease(): Promise<string> {
  const release = (JSON.parse(readFileSync("package.json", "utf8")) as { labelStudioEditor: EditorRelease })
    .labelStudioEditor;
  mkdirSync(CACHE, { recursive: true });
  const archive = join(CACHE, pack(release.package));
  const digest = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (digest !== release.integrity) {
    throw new Error(`${release.package} is not the release this project was written for: its digest is ${digest}.`);
  }
  const wanted = new Set(Object.keys(FILES).map((path) => `package/${path}`));
  await extract({ file: archive, cwd: CACHE, strip: 1, filter: (path) => wanted.has(path) });
  return CACHE;
}

/** Download an npm package's archive into the cache folder and return its file name. */
function pack(release: string): string {
  const npm = process.env["npm_execpath"];
  if (!npm) {
    throw new Error("Start the build with `npm run build`: it uses npm to fetch the editor.");
  }
  const args = [npm, "pack", release, "--json", "--ignore-scripts", "--pack-destination", CACHE];
  const report = execFileSync(process.execPath, args, { encoding: "utf8" });
  return fileNameOf(JSON.parse(report) as PackReport);
}

/** npm ≤ 10 reports a list of packages, npm 11 may report an object keyed by package. */
type PackReport = { filename: string }[] | Record<string, { filename: string }>;

function fileNameOf(report: PackReport): string {
  const [entry] = Object.values(report);
  if (!entry) {
    throw new Error("npm pack reported no archive.");
  }
  return entry.filename.replace(/^@/, "").replace("/", "-");
}

function withoutSourceMap(source: Buffer, name: string): Buffer | string {
  if (!/\.(js|css)$/.test(name)) {
    return source;
  }
  return source.toString("utf8").replace(/\n?(\/\/# sourceMappingURL=.*|\/\*# sourceMappingURL=.*\*\/)\s*$/, "\n");
}
