/** Keys and the clipboard of the editor, wherever the focus is on its page. */

import { useEffect, useRef } from "react";

export interface KeyActs {
  readonly undo: () => void;
  readonly redo: () => void;
  readonly save: () => void;
  readonly duplicate: () => void;
  readonly all: () => void;
  readonly rename: () => void;
  readonly publish: () => void;
  readonly copied: () => string | null;
  readonly cut: () => void;
  readonly pasted: (text: string) => boolean;
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** Another layer is open: its keys are its own. */
function covered(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

export function useKeys(acts: KeyActs): void {
  const now = useRef(acts);
  useEffect(() => {
    now.current = acts;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (covered() || event.defaultPrevented) return;
      const act = now.current;
      if (event.key === "F2") {
        event.preventDefault();
        act.rename();
        return;
      }
      if (!event.ctrlKey && !event.metaKey) return;
      const inField = typing(event.target);
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) act.undo();
      else if (key === "y" || (key === "z" && event.shiftKey)) act.redo();
      else if (key === "s") act.save();
      else if (key === "d" && !inField) act.duplicate();
      else if (key === "a" && !inField) act.all();
      else if (key === "enter" && event.shiftKey) act.publish();
      else return;
      event.preventDefault();
    };
    const copy = (event: ClipboardEvent) => {
      const chosenText = window.getSelection()?.toString() ?? "";
      if (covered() || typing(event.target) || chosenText !== "") return;
      const text = now.current.copied();
      if (text === null) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut") now.current.cut();
    };
    const paste = (event: ClipboardEvent) => {
      if (covered() || typing(event.target)) return;
      if (now.current.pasted(event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    document.addEventListener("copy", copy);
    document.addEventListener("cut", copy);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("keydown", pressed);
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", copy);
      document.removeEventListener("paste", paste);
    };
  }, []);
}
