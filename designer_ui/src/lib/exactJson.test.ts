import { describe, expect, it } from "vitest";

import { lineOf, printExact, readExact, within, type Exact, type Misread } from "./exactJson";

function read(text: string): Exact {
  const found = readExact(text);
  if (!found.ok) throw new Error(JSON.stringify(found.misread));
  return found.value;
}

function misread(text: string): Misread {
  const found = readExact(text);
  if (found.ok) throw new Error("it was read");
  return found.misread;
}

describe("reading", () => {
  it("keeps every digit", () => {
    const text = '{"id":12345678901234567890,"total":68.20,"rate":1e-7}';
    expect(printExact(read(text))).toBe('{\n  "id": 12345678901234567890,\n  "total": 68.20,\n  "rate": 1e-7\n}');
  });

  it("agrees with the browser about what is JSON", () => {
    const good = ['""', "0", "-0.5e+3", " [ ] ", '{"a":[1,{"b":null}],"c":"\\u00e9\\n"}', "true"];
    for (const text of good) expect(JSON.parse(printExact(read(text)))).toEqual(JSON.parse(text));
    const bad = ["", "{", "[1,]", "{,}", '{"a" 1}', "01", "1.", "+1", "nul", "'a'", '"a', '"\t"', "[1 2]", "{} {}", "truely", "--1"];
    for (const text of bad) {
      expect(() => JSON.parse(text) as unknown, text).toThrow();
      expect(readExact(text).ok, text).toBe(false);
    }
  });

  it("says where it stopped and why", () => {
    expect(misread('{\n  "a": 1\n  "b": 2\n}')).toEqual({ fault: "unexpected", what: '"', line: 3, column: 3 });
    expect(misread('{"a": [1, 2')).toMatchObject({ fault: "end", line: 1 });
    expect(misread('{"a": 1,\n "a": 2}')).toEqual({ fault: "twice", what: "a", line: 2, column: 2 });
    expect(misread('{"a": 1} x')).toMatchObject({ fault: "after", what: "x" });
    expect(misread('"open')).toMatchObject({ fault: "text" });
    expect(misread("0123")).toMatchObject({ fault: "number" });
    expect(misread("[".repeat(300))).toMatchObject({ fault: "deep" });
  });
});

describe("places", () => {
  const value = read('{\n  "order": {\n    "lines": [\n      {"sku": "A"},\n      {"sku": "B"}\n    ],\n    "a/b": 1\n  }\n}');

  it("finds the line of a pointer, or of the last part that is there", () => {
    expect(lineOf(value, "")).toBe(1);
    expect(lineOf(value, "/order/lines/1/sku")).toBe(5);
    expect(lineOf(value, "/order/a~1b")).toBe(7);
    expect(lineOf(value, "/order/missing/deeper")).toBe(2);
  });

  it("walks by name and place", () => {
    expect(within(within(value, "order"), "lines")?.kind).toBe("array");
    expect(within(value, "nothing")).toBeUndefined();
  });

  it("prints short lists on one line and long ones on several", () => {
    expect(printExact(read("[1,2,3]"))).toBe("[1, 2, 3]");
    expect(printExact(read(`[${Array.from({ length: 30 }, () => '"abc"').join()}]`)).split("\n").length).toBe(32);
  });
});
