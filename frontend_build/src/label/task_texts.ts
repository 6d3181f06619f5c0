/** Return a task's data with numbers as text where the config shows text: the editor shows nothing for a number there. */
export function withTexts(data: Record<string, unknown>, keys: string[]): Record<string, unknown> {
  const texts = keys.filter((key) => typeof data[key] === "number" || typeof data[key] === "boolean");
  return { ...data, ...Object.fromEntries(texts.map((key) => [key, String(data[key])])) };
}
