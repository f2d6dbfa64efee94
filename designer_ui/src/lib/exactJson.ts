/** JSON that keeps every digit and knows where each value stands. Pure.
 *
 * A browser's own parser turns 12345678901234567890 and 68.20 into other numbers; what a person
 * corrects and sends back must lose nothing that they did not touch.
 */

export type Exact =
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, Exact])[]; readonly line: number }
  | { readonly kind: "array"; readonly items: readonly Exact[]; readonly line: number }
  /** A text, number, true, false or null as it was written. */
  | { readonly kind: "scalar"; readonly text: string; readonly line: number };

export type Fault = "end" | "unexpected" | "text" | "number" | "twice" | "after" | "deep";

export interface Misread {
  readonly fault: Fault;
  /** The character or name that the fault is about; "" where there is none. */
  readonly what: string;
  /** Both counted from 1. */
  readonly line: number;
  readonly column: number;
}

export type Reading = { readonly ok: true; readonly value: Exact } | { readonly ok: false; readonly misread: Misread };

const DEEPEST = 200;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /(?:true|false|null)(?![\w])/y;

class Stop extends Error {
  constructor(
    readonly fault: Fault,
    readonly at: number,
    readonly what: string,
  ) {
    super(fault);
  }
}

class Reader {
  private at = 0;
  private line = 1;
  private counted = 0;

  constructor(private readonly text: string) {}

  whole(): Exact {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) throw new Stop("after", this.at, this.char());
    return value;
  }

  private value(depth: number): Exact {
    if (depth > DEEPEST) throw new Stop("deep", this.at, "");
    this.space();
    const line = this.lineHere();
    switch (this.char()) {
      case "{":
        return { kind: "object", entries: this.entries(depth), line };
      case "[":
        return { kind: "array", items: this.items(depth), line };
      case '"':
        return { kind: "scalar", text: this.token(TEXT, "text"), line };
      default:
        return { kind: "scalar", text: this.take(WORD) ?? this.number(), line };
    }
  }

  private number(): string {
    const start = this.char();
    if (start === "") throw new Stop("end", this.at, "");
    if (!/[-\d]/.test(start)) throw new Stop("unexpected", this.at, start);
    const from = this.at;
    const found = this.token(NUMBER, "number");
    if (/[\w.+-]/.test(this.char())) throw new Stop("number", from, found);
    return found;
  }

  private entries(depth: number): (readonly [string, Exact])[] {
    const found: (readonly [string, Exact])[] = [];
    const names = new Set<string>();
    this.at += 1;
    if (this.closes("}")) return found;
    do {
      this.space();
      const from = this.at;
      if (this.char() !== '"') throw new Stop(this.char() === "" ? "end" : "unexpected", this.at, this.char());
      const name = JSON.parse(this.token(TEXT, "text")) as string;
      if (names.has(name)) throw new Stop("twice", from, name);
      names.add(name);
      this.need(":");
      found.push([name, this.value(depth + 1)]);
    } while (this.goesOn("}"));
    return found;
  }

  private items(depth: number): Exact[] {
    const found: Exact[] = [];
    this.at += 1;
    if (this.closes("]")) return found;
    do found.push(this.value(depth + 1));
    while (this.goesOn("]"));
    return found;
  }

  private closes(end: string): boolean {
    this.space();
    if (this.char() !== end) return false;
    this.at += 1;
    return true;
  }

  /** After a value: true at a comma, false at the end. */
  private goesOn(end: string): boolean {
    if (this.closes(end)) return false;
    this.need(",");
    return true;
  }

  private need(wanted: string): void {
    this.space();
    if (this.char() !== wanted) throw new Stop(this.char() === "" ? "end" : "unexpected", this.at, this.char());
    this.at += 1;
  }

  private token(pattern: RegExp, fault: Fault): string {
    const found = this.take(pattern);
    if (found === null) throw new Stop(fault, this.at, this.char());
    return found;
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at += found[0].length;
    return found[0];
  }

  private space(): void {
    this.take(SPACE);
  }

  private char(): string {
    return this.text.charAt(this.at);
  }

  private lineHere(): number {
    for (; this.counted < this.at; this.counted += 1) {
      if (this.text.charCodeAt(this.counted) === 10) this.line += 1;
    }
    return this.line;
  }
}

export function readExact(text: string): Reading {
  try {
    return { ok: true, value: new Reader(text).whole() };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const before = text.slice(0, error.at).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    return { ok: false, misread: { fault: error.fault, what: error.what, line: before.length, column } };
  }
}

/** The value in the notation that people read: two spaces a level, short lists on one line. */
export function printExact(value: Exact, indent = ""): string {
  switch (value.kind) {
    case "scalar":
      return value.text;
    case "object": {
      if (value.entries.length === 0) return "{}";
      const inner = `${indent}  `;
      const lines = value.entries.map(([name, one]) => `${inner}${JSON.stringify(name)}: ${printExact(one, inner)}`);
      return `{\n${lines.join(",\n")}\n${indent}}`;
    }
    case "array": {
      if (value.items.length === 0) return "[]";
      const flat = value.items.every((one) => one.kind === "scalar");
      const short = flat ? `[${value.items.map((one) => printExact(one)).join(", ")}]` : "";
      if (flat && indent.length + short.length <= 60) return short;
      const inner = `${indent}  `;
      return `[\n${value.items.map((one) => inner + printExact(one, inner)).join(",\n")}\n${indent}]`;
    }
  }
}

/** What stands under a name or place; undefined where nothing does. */
export function within(value: Exact | undefined, name: string | number): Exact | undefined {
  if (value?.kind === "object") return value.entries.find(([one]) => one === String(name))?.[1];
  if (value?.kind === "array") return value.items[Number(name)];
  return undefined;
}

/** The line of what a JSON Pointer names, or of the deepest part of the way that exists. */
export function lineOf(value: Exact, pointer: string): number {
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    const next = within(found, part.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (next === undefined) break;
    found = next;
  }
  return found.line;
}
