/** The shapes that editing a flow speaks. */

export interface FlowProblem {
  readonly code: string;
  /** JSON Pointer into the document. */
  readonly pointer: string;
  readonly message: string;
  readonly fix: string;
  readonly node: string;
  readonly severity: "error" | "warning";
}

export interface OtherDraft {
  readonly name: string;
  readonly base: number;
  readonly updated_at: string;
}
