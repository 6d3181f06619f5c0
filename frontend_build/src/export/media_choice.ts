/** Let media be chosen only with a format that can hold them. */
export function offerMedia(root: ParentNode): void {
  const media = root.querySelector<HTMLInputElement>("#export-form [name=media_files]");
  if (!media) {
    return;
  }
  const follow = (): void => {
    const format = root.querySelector<HTMLInputElement>("#export-form [name=format]:checked");
    media.disabled = format?.dataset["packsMedia"] === undefined;
  };
  root.querySelector("#export-form")?.addEventListener("change", follow);
  follow();
}
