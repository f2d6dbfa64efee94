/** The stock flow of the fixtures and a source of chance, for tests. */

import { readFileSync } from "node:fs";

import { docOf, type Doc } from "./model";
import { readValue } from "./value";

export function docFrom(text: string): Doc {
  const read = readValue(text);
  const doc = read.ok ? docOf(read.value) : null;
  if (doc === null) throw new Error("this is no document");
  return doc;
}

export function fixtureDoc(slug: string): Doc {
  return docFrom(readFileSync(new URL(`../../../fixtures/flows/${slug}.json`, import.meta.url), "utf8"));
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
