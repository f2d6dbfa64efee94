/** Looks at a far side, those that found the same put together. Pure. */

import type { Unresolved } from "../../api/types";

type Look = Unresolved["looks"][number];

export interface Looks {
  readonly last: Look;
  readonly count: number;
}

export function looksInWords(looks: readonly Look[]): readonly Looks[] {
  const found: Looks[] = [];
  for (const look of looks) {
    const before = found.at(-1);
    const same = before !== undefined && before.last.happened === look.happened && before.last.error?.message === look.error?.message;
    if (same) found[found.length - 1] = { last: look, count: before.count + 1 };
    else found.push({ last: look, count: 1 });
  }
  return found;
}
