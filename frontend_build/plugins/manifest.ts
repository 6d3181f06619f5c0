import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const COMPRESSIBLE = /\.(js|css|svg)$/;

/**
 * Write staticfiles.json (logical name → hashed name, the format of Django's ManifestStaticFilesStorage) and a
 * compressed twin of each text file, so that the server neither collects nor compresses anything when it starts.
 */
export function manifest(): Plugin {
  return {
    name: "manifest",
    writeBundle: {
      order: "post",
      handler(options, bundle) {
        const folder = options.dir ?? "dist";
        const paths: Record<string, string> = {};
        for (const fileName of Object.keys(bundle).sort()) {
          const name = logicalName(fileName);
          if (name !== fileName) {
            paths[name] = fileName;
          }
          if (COMPRESSIBLE.test(fileName)) {
            compress(join(folder, fileName));
          }
        }
        writeFileSync(join(folder, "staticfiles.json"), JSON.stringify({ version: "1.1", paths }, null, 1));
      },
    },
  };
}

/** `editor/main.1a2b3c4d5e6f.js` → `editor/main.js`. */
function logicalName(fileName: string): string {
  return fileName.replace(/\.[\w-]{8,12}(\.\w+)$/, "$1");
}

function compress(path: string): void {
  const content = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }));
}
