import { expect, it } from "vitest";

import { looksInWords } from "./looks";

const error = (message: string) => ({ class: "UncertainError", code: "cannot_probe", message });

it("puts looks together that found the same, one after the other", () => {
  const looks = [
    { at: "1", happened: null, error: error("blind") },
    { at: "2", happened: null, error: error("blind") },
    { at: "3", happened: false, error: null },
    { at: "4", happened: null, error: error("blind") },
  ];
  expect(looksInWords(looks).map(({ last, count }) => [last.at, count])).toEqual([
    ["2", 2],
    ["3", 1],
    ["4", 1],
  ]);
  expect(looksInWords([])).toEqual([]);
});
