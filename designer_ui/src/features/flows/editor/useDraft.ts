/** The draft that is being edited: its history, its saves, and what others saved meanwhile. */

import { useCallback, useEffect, useRef, useState } from "react";

import { Problem } from "../../../api/client";
import type { OtherDraft } from "../../../api/editing";
import type { Command } from "../../../document/commands";
import { begin, edit, redo, undo, type History } from "../../../document/history";
import { merge, type Conflict } from "../../../document/merge";
import { valueOfDoc, type Doc } from "../../../document/model";
import { same } from "../../../document/value";
import { dropDraft, forgetHere, keepHere, keptHere, readDrafts, readVersion, saveDraft, type Draft } from "./keep";

export type SaveState = "saved" | "unsaved" | "saving" | "failed";

export interface Editing {
  readonly history: History;
  /** Number of the version that the draft started from, and its document. */
  readonly base: number;
  readonly baseDoc: Doc;
  readonly save: SaveState;
  /** Whether there is a draft at all, or only what was published. */
  readonly drafted: boolean;
  readonly others: readonly OtherDraft[];
  /** What a merge could not decide; somebody has to. */
  readonly conflicts: readonly Conflict[];
  readonly run: (command: Command) => readonly string[];
  readonly undo: () => void;
  readonly redo: () => void;
  readonly flush: () => Promise<void>;
  readonly discard: () => Promise<void>;
  /** Brings a version that was published meanwhile into the draft. */
  readonly bringIn: (number: number) => Promise<readonly Conflict[]>;
  readonly rebase: (number: number) => Promise<void>;
  readonly settled: () => void;
}

const QUIET_MS = 700;
const AGAIN_MS = 5000;

interface Kept {
  readonly saved: Doc;
  /** The base that the server knows; another one is worth a save too. */
  readonly savedBase: number;
  readonly revision: number;
  readonly base: number;
  readonly baseDoc: Doc;
}

const equal = (left: Doc, right: Doc): boolean => left === right || same(valueOfDoc(left), valueOfDoc(right));

export function useDraft(slug: string, latest: number, user: string): { readonly editing: Editing | null; readonly error: unknown; readonly retry: () => void } {
  const [history, setHistory] = useState<History | null>(null);
  const [save, setSave] = useState<SaveState>("saved");
  const [others, setOthers] = useState<readonly OtherDraft[]>([]);
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const [kept, setKept] = useState<Kept | null>(null);
  const now = useRef<History | null>(null);
  const keeping = useRef<Kept | null>(null);
  const busy = useRef<Promise<void> | null>(null);
  const first = useRef(latest);

  const show = useCallback((next: History) => {
    now.current = next;
    setHistory(next);
  }, []);
  const keep = useCallback((next: Kept) => {
    keeping.current = next;
    setKept(next);
  }, []);

  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      const drafts = await readDrafts(slug);
      const base = drafts.draft?.base ?? first.current;
      const baseDoc = await readVersion(slug, base);
      if (gone) return;
      const saved = drafts.draft?.doc ?? baseDoc;
      const revision = drafts.draft?.revision ?? 0;
      keep({ saved, savedBase: base, revision, base, baseDoc });
      setOthers(drafts.others);
      const here = keptHere(user, slug);
      let doc = saved;
      if (here !== null && !equal(here.doc, saved)) {
        // Not saved before the page went: on top of what it started from, or brought together.
        const found = here.revision === revision ? { doc: here.doc, conflicts: [] } : merge(baseDoc, here.doc, saved);
        doc = found.doc;
        setConflicts(found.conflicts);
      }
      show(doc === saved ? begin(saved) : edit(begin(saved), { kind: "replace", doc }, 0));
      setSave(doc === saved ? "saved" : "unsaved");
      if (doc === saved) forgetHere(user, slug);
    };
    setError(null);
    load().catch((fault: unknown) => {
      if (!gone) setError(fault);
    });
    return () => {
      gone = true;
    };
  }, [slug, user, round, show, keep]);

  const store = useCallback(
    async (leaving: boolean): Promise<void> => {
      const [at, doc] = [keeping.current, now.current?.doc];
      if (at === null || doc === undefined || (equal(doc, at.saved) && at.savedBase === at.base)) {
        setSave("saved");
        return;
      }
      setSave("saving");
      try {
        const answer = await saveDraft(slug, { doc, base: at.base, revision: at.revision }, leaving);
        keep({ ...(keeping.current ?? at), saved: doc, savedBase: at.base, revision: answer.draft?.revision ?? at.revision });
        setOthers(answer.others);
        const done = now.current?.doc === doc;
        if (done) forgetHere(user, slug);
        setSave(done ? "saved" : "unsaved");
      } catch (fault) {
        if (!(fault instanceof Problem) || fault.code !== "draft_stale") {
          setSave("failed");
          return;
        }
        // Saved in another window meanwhile: both edits come together, and the next save has both.
        try {
          const { draft, others: who } = await readDrafts(slug);
          const theirs: Draft = draft ?? { doc: at.baseDoc, base: at.base, revision: 0 };
          const baseDoc = theirs.base === at.base ? at.baseDoc : await readVersion(slug, theirs.base);
          const mine = now.current;
          if (mine === null) return;
          // A draft that is gone was published or discarded there; then mine is what there is.
          const merged = draft === null ? { doc: mine.doc, conflicts: [] } : merge(at.saved, mine.doc, theirs.doc);
          keep({ saved: theirs.doc, savedBase: theirs.base, revision: theirs.revision, base: theirs.base, baseDoc });
          setOthers(who);
          setConflicts(merged.conflicts);
          show(edit(mine, { kind: "replace", doc: merged.doc }, Date.now()));
          setSave("unsaved");
        } catch {
          setSave("failed");
        }
      }
    },
    [slug, user, keep, show],
  );

  const flush = useCallback(async (): Promise<void> => {
    // One save at a time: the next starts from the revision that the last one made.
    while (busy.current !== null) await busy.current;
    busy.current = store(false).finally(() => {
      busy.current = null;
    });
    await busy.current;
  }, [store]);

  const doc = history?.doc;
  useEffect(() => {
    if (doc === undefined || (save !== "unsaved" && save !== "failed")) return;
    const timer = window.setTimeout(() => void flush(), save === "failed" ? AGAIN_MS : QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [doc, save, flush]);

  useEffect(() => {
    const leave = (): void => {
      if (document.visibilityState === "hidden" && busy.current === null) void store(true);
    };
    document.addEventListener("visibilitychange", leave);
    return () => {
      document.removeEventListener("visibilitychange", leave);
      if (busy.current === null) void store(false);
    };
  }, [store]);

  const change = useCallback(
    (next: (history: History) => History): readonly string[] => {
      const before = now.current;
      const at = keeping.current;
      if (before === null || at === null) return [];
      const after = next(before);
      if (after === before) return [];
      show(after);
      keepHere(user, slug, { doc: after.doc, base: at.base, revision: at.revision });
      setSave("unsaved");
      return after.made;
    },
    [slug, user, show],
  );

  const run = useCallback((command: Command) => change((one) => edit(one, command, Date.now())), [change]);
  const back = useCallback(() => void change(undo), [change]);
  const again = useCallback(() => void change(redo), [change]);

  const bringIn = useCallback(
    async (number: number): Promise<readonly Conflict[]> => {
      const theirs = await readVersion(slug, number);
      const [at, mine] = [keeping.current, now.current];
      if (at === null || mine === null) return [];
      const merged = merge(at.baseDoc, mine.doc, theirs);
      keep({ ...at, base: number, baseDoc: theirs, saved: at.saved });
      setConflicts(merged.conflicts);
      change((one) => edit(one, { kind: "replace", doc: merged.doc }, Date.now()));
      setSave("unsaved");
      return merged.conflicts;
    },
    [slug, change, keep],
  );

  const rebase = useCallback(
    async (number: number): Promise<void> => {
      const baseDoc = await readVersion(slug, number);
      await dropDraft(slug);
      forgetHere(user, slug);
      keep({ saved: baseDoc, savedBase: number, revision: 0, base: number, baseDoc });
      show(begin(baseDoc));
      setSave("saved");
    },
    [slug, user, keep, show],
  );

  const discard = useCallback(async (): Promise<void> => {
    while (busy.current !== null) await busy.current;
    await rebase(first.current);
  }, [rebase]);
  useEffect(() => {
    first.current = latest;
  }, [latest]);

  const editing: Editing | null =
    history === null || kept === null
      ? null
      : {
          history,
          base: kept.base,
          baseDoc: kept.baseDoc,
          save,
          drafted: kept.revision > 0 || history.doc !== kept.baseDoc,
          others,
          conflicts,
          run,
          undo: back,
          redo: again,
          flush,
          discard,
          bringIn,
          rebase,
          settled: () => setConflicts([]),
        };
  return { editing, error, retry: () => setRound((old) => old + 1) };
}
