// @vitest-environment node
import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, it } from "vitest";

it("has its types generated from the server's description as it is now", async () => {
  const here = new URL("./", import.meta.url);
  const fresh = COMMENT_HEADER + astToString(await openapiTS(new URL("../../../docs/openapi.yaml", here)));
  const kept = await readFile(new URL("schema.d.ts", here), "utf8");
  expect(kept === fresh, "docs/openapi.yaml has changed: run `npm run types` in designer_ui").toBe(true);
}, 30_000);
