import { describe, expect, it } from "vitest";

import type { Circuit } from "../api/types";
import { connectionLook } from "./circuit";

const CLOSED: Circuit = {
  state: "closed",
  cause: "",
  since: null,
  next_try_at: null,
  limit: 16,
  cap: 16,
  in_flight: 0,
  p95_ms: null,
};

describe("connectionLook", () => {
  it("shows the connection's own state while its circuit is closed", () => {
    expect(connectionLook("healthy", CLOSED)).toBe("healthy");
    expect(connectionLook("unchecked", CLOSED)).toBe("unchecked");
    expect(connectionLook("healthy", undefined)).toBe("healthy");
  });

  it("shows what the circuit does otherwise", () => {
    expect(connectionLook("healthy", { ...CLOSED, state: "open", cause: "failures" })).toBe("open");
    expect(connectionLook("healthy", { ...CLOSED, state: "half_open" })).toBe("half_open");
    expect(connectionLook("healthy", { ...CLOSED, state: "paused", cause: "retry_after" })).toBe("paused");
    expect(connectionLook("healthy", { ...CLOSED, limit: 4 })).toBe("throttled");
  });

  it("asks for a person before anything else", () => {
    expect(connectionLook("needs_attention", { ...CLOSED, state: "open" })).toBe("needs_attention");
  });
});
