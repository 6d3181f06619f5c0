/** Numbers as people read them. */

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];
const MINUTES_FROM = 100;

/** `1_240_000` → `1.2 MB`. */
export function readableSize(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(power && amount < 10 ? 1 : 0)} ${UNITS[power]}`;
}

/** `12.3` → `13 s`, `200` → `3 min`. */
export function readableDuration(seconds: number): string {
  return seconds < MINUTES_FROM ? `${Math.max(1, Math.ceil(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

/** `1` → `1 file`, `1200` → `1,200 files`. */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
