import { describe, expect, it } from "vitest";

import { ENTITY, exportHref, faultOf, linesOf } from "./pairs";

const HEAD = "left_system,left_id,right_system,right_id";

describe("pairs", () => {
  it("sees at first sight what is no table of pairs", () => {
    expect(faultOf(" \n")).toBe("empty");
    expect(faultOf("a,b\n1,2")).toBe("columns");
    expect(faultOf(HEAD.replaceAll(",", ";"))).toBe("columns");
    expect(faultOf(`\ufeff"left_system",left_id,note,right_system,right_id\r\nshop,1,x,notes,A`)).toBeNull();
  });
  it("counts the pairs", () => {
    expect(linesOf(`${HEAD}\r\na,1,b,2\r\n\r\na,3,b,4\r\n`)).toBe(2);
    expect(linesOf("")).toBe(0);
  });
  it("names the entity as flows do, and asks for its pairs", () => {
    expect(["customer", "order_line-2"].every((one) => ENTITY.test(one))).toBe(true);
    expect(["Customer", "", "1a", "a b"].some((one) => ENTITY.test(one))).toBe(false);
    expect(exportHref("demo", "customer")).toBe("/api/v1/links/pairs?environment=demo&entity=customer");
  });
});
