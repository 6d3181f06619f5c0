/** Days are those of the browser's time zone: it is kept in a cookie, which the server reads. */
import htmx from "htmx.org";

const COOKIE = "time_zone";
const ONE_YEAR_SECONDS = 365 * 24 * 3600;

/** Tell the server the time zone, and have the charts sent again if they are in another one. */
export function useOwnTimeZone(): void {
  const section = document.getElementById("statistics");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!section || !zone || section.dataset["timeZone"] === zone || isKept(zone)) {
    return;
  }
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${zone}; Path=/; Max-Age=${ONE_YEAR_SECONDS}; SameSite=Lax${secure}`;
  if (isKept(zone)) {
    const address = `${section.dataset["address"] ?? ""}${location.search}`;
    void htmx.ajax("get", address, { target: "#statistics", swap: "outerHTML" });
  }
}

/** A zone that the server does not know is not asked for again and again. */
function isKept(zone: string): boolean {
  return document.cookie.split("; ").includes(`${COOKIE}=${zone}`);
}
