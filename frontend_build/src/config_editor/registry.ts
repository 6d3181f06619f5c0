/** The tags that a labeling config may hold, as the server describes them. */

export interface AttributeDocument {
  /** `flag`, `choice`, `text` … */
  type: string;
  values: string[];
  required: boolean;
  about: string;
}

export interface TagDocument {
  /** `object`, `control`, `option`, `part` or `visual`. */
  kind: string;
  about: string;
  /** Why it does not work in the editor; empty when it does. */
  broken: string;
  /** Names of the tags that may stand right inside. */
  contains: string[];
  attributes: Record<string, AttributeDocument>;
}

export interface TagRegistry {
  tags: Record<string, TagDocument>;
}

/** Fetch the registry. Without it the editor completes nothing, but works. */
export async function fetchRegistry(address: string): Promise<TagRegistry> {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    return response.ok ? ((await response.json()) as TagRegistry) : { tags: {} };
  } catch {
    return { tags: {} };
  }
}
