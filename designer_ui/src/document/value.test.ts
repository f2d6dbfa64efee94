import { describe, expect, it } from "vitest";

import { at, isObj, Num, numberOf, plain, printValue, put, readValue, same, withAt, type Value } from "./value";

function read(text: string): Value {
  const found = readValue(text);
  if (!found.ok) throw new Error(JSON.stringify(found.misread));
  return found.value;
}

describe("values", () => {
  it("come out as they went in, digit by digit", () => {
    const text = '{"id":12345678901234567890,"total":68.20,"rate":1e-7,"list":[1.0,-0,true,null,"1.0"]}';
    expect(printValue(read(text))).toBe(text);
    expect(read(printValue(read(text), 2))).toEqual(read(text));
  });

  it("keep a name that JavaScript uses itself", () => {
    const text = '{"__proto__":{"a":1},"constructor":2}';
    expect(printValue(read(text))).toBe(text);
    expect(printValue(put(read("{}") as object, "__proto__", "x") as Value)).toBe('{"__proto__":"x"}');
    expect(at(read("{}"), ["constructor"])).toBeUndefined();
  });

  it("are the same as JSON, whatever the order of names", () => {
    expect(same(read('{"a":1,"b":[2]}'), read('{"b":[2],"a":1}'))).toBe(true);
    expect(same(read("1.0"), read("1"))).toBe(false);
    expect(same(read("[1]"), read('{"0":1}'))).toBe(false);
    expect(same(read('"1"'), read("1"))).toBe(false);
  });

  it("are changed along a path, and nothing beside it", () => {
    const value = read('{"a":[{"b":1},{"b":2}],"c":3}');
    const next = withAt(value, ["a", 1, "b"], "x");
    expect(printValue(next ?? null)).toBe('{"a":[{"b":1},{"b":"x"}],"c":3}');
    expect(isObj(value) && isObj(next) && at(next, ["a", 0]) === at(value, ["a", 0])).toBe(true);
    expect(printValue(withAt(value, ["a", 0], undefined) ?? null)).toBe('{"a":[{"b":2}],"c":3}');
    expect(printValue(withAt(value, ["d", "e"], true) ?? null)).toContain('"d":{"e":true}');
    expect(withAt(value, ["missing"], undefined)).toBe(value);
  });

  it("know a number by its notation", () => {
    expect(numberOf("68.20")).toEqual(new Num("68.20"));
    for (const text of ["", "1.", "01", "1,5", "NaN", "{{ a }}", " 1"]) expect(numberOf(text), text).toBeNull();
    expect(plain(read("[1.50]"))).toEqual([1.5]);
  });
});
