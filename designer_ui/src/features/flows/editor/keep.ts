/** A draft on its way to the server and, until it is there, in the browser. */

import { api } from "../../../api/client";
import type { OtherDraft } from "../../../api/editing";
import { docOf, valueOfDoc, type Doc } from "../../../document/model";
import { isList, isObj, Num, plain, printValue, readValue, type Obj, type Value } from "../../../document/value";

export interface Draft {
  readonly doc: Doc;
  readonly base: number;
  readonly revision: number;
}

export interface Drafts {
  readonly draft: Draft | null;
  readonly others: readonly OtherDraft[];
}

const flowPath = (slug: string): string => `/flows/${encodeURIComponent(slug)}`;

function valueFrom(text: string): Obj {
  const read = readValue(text);
  if (!read.ok || !isObj(read.value)) throw new Error("The server's answer cannot be read.");
  return read.value;
}

function docFrom(value: Value | undefined): Doc {
  const doc = value === undefined ? null : docOf(value);
  if (doc === null) throw new Error("The server's answer holds no flow document.");
  return doc;
}

function count(value: Value | undefined): number {
  return value instanceof Num ? value.number : 0;
}

function draftsFrom(text: string): Drafts {
  const { draft, others } = valueFrom(text);
  return {
    draft: isObj(draft) ? { doc: docFrom(draft["document"]), base: count(draft["base"]), revision: count(draft["revision"]) } : null,
    others: isList(others) ? (plain(others) as unknown as readonly OtherDraft[]) : [],
  };
}

export async function readDrafts(slug: string): Promise<Drafts> {
  return draftsFrom(await api.getText(`${flowPath(slug)}/draft`));
}

export async function saveDraft(slug: string, draft: Draft, leaving = false): Promise<Drafts> {
  const { doc, base, revision } = draft;
  const body = `{"document":${printValue(valueOfDoc(doc))},"base":${base},"revision":${revision}}`;
  // A page that goes away may still send so much.
  const keepalive = leaving && body.length < 60_000;
  return draftsFrom(await api.sendText("PUT", `${flowPath(slug)}/draft`, body, keepalive ? { keepalive } : {}));
}

export async function dropDraft(slug: string): Promise<void> {
  await api.delete(`${flowPath(slug)}/draft`);
}

export async function readVersion(slug: string, number: number): Promise<Doc> {
  return docFrom(valueFrom(await api.getText(`${flowPath(slug)}/versions/${number}`))["document"]);
}

/** The number of the version that it is now. */
export async function publish(slug: string, doc: Doc, note: string, base: number): Promise<number> {
  const body = `{"document":${printValue(valueOfDoc(doc))},"note":${JSON.stringify(note)}}`;
  const answer = await api.sendText("POST", `${flowPath(slug)}/versions`, body, { headers: { "If-Match": `"${base}"` } });
  return count(valueFrom(answer)["number"]);
}

/** A new flow and its version 1; a document without a format gets the one that this designer knows. */
export async function createFlow(doc: Doc): Promise<void> {
  const text = printValue({ format: new Num("1"), ...valueOfDoc(doc) });
  await api.sendText("POST", "/flows", `{"document":${text},"note":""}`);
}

export async function readLatest(slug: string): Promise<number> {
  return (await api.get<{ readonly latest_version: number }>(flowPath(slug))).latest_version;
}

/** Between an edit and its save the browser keeps it: nothing is lost when the page goes. */
const key = (user: string, slug: string): string => `causeway.draft.${user}.${slug}`;

export function keepHere(user: string, slug: string, draft: Draft): void {
  const kept = { base: draft.base, revision: draft.revision, document: printValue(valueOfDoc(draft.doc)) };
  try {
    window.localStorage.setItem(key(user, slug), JSON.stringify(kept));
  } catch {
    // No room: the save in a moment does it too.
  }
}

export function keptHere(user: string, slug: string): Draft | null {
  try {
    const kept = JSON.parse(window.localStorage.getItem(key(user, slug)) ?? "null") as { base: number; revision: number; document: string } | null;
    if (kept === null) return null;
    return { doc: docFrom(valueFrom(kept.document)), base: kept.base, revision: kept.revision };
  } catch {
    return null;
  }
}

export function forgetHere(user: string, slug: string): void {
  window.localStorage.removeItem(key(user, slug));
}
