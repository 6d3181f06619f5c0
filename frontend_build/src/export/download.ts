/** Download the file of an export that has just been finished, once; its link stays for whoever missed it. */
export function downloadAtOnce(root: ParentNode): void {
  for (const link of root.querySelectorAll<HTMLAnchorElement>("a[data-download-now]")) {
    link.removeAttribute("data-download-now");
    link.click();
  }
}
