import { createHash } from "node:crypto";
import { parse } from "node:path";

/** Insert the hash of `content` before the last extension of `name`: `editor/main.js` → `editor/main.1a2b3c4d5e6f.js`. */
export function hashedName(name: string, content: Uint8Array | string): string {
  const { dir, name: stem, ext } = parse(name);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return `${dir ? `${dir}/` : ""}${stem}.${hash}${ext}`;
}
