/** "Today" begins at midnight where the person is: the server is told where that is. */
export function tellZone(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    const { path, parameters } = (event as CustomEvent<{ path: string; parameters: Record<string, string> }>).detail;
    if (path.endsWith("/label/progress")) {
      parameters["zone"] = Intl.DateTimeFormat().resolvedOptions().timeZone;
    }
  });
}
