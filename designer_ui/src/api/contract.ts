/** Holds what the pages expect against what the server's description promises.
 *
 * `schema.d.ts` is generated from `docs/openapi.yaml` (`npm run types`). A shape that the server
 * no longer gives stops the type check here, by name. Values that are free JSON on both sides
 * are left out: their shape is the journal's, not the API's.
 */

import type { FlowProblem, OtherDraft } from "./editing";
import type { components } from "./schema";
import type { Conflict, ConflictField, Decided, DecidedMany, Imported, LinkDetail, LinkReceipt, LinkRow, SyncRule } from "./syncTypes";
import type {
  Approval,
  BulkDetail,
  BulkPreview,
  BulkRow,
  Catalog,
  Connection,
  CrosswalkDetail,
  CrosswalkRow,
  Delivery,
  Deployment,
  FlowDetail,
  FlowRow,
  FlowVersion,
  HomeCard,
  HomeChange,
  HookSecret,
  Load,
  NodeType,
  ProblemBody,
  ReplayPreview,
  RunDetail,
  RunEvent,
  RunRow,
  Session,
  TestEvent,
  Unresolved,
} from "./types";

type Schemas = components["schemas"];
type Fits<Server extends Client, Client> = Server;
type Without<T, K extends keyof T> = Omit<T, K>;

type Values = "left" | "right" | "left_base" | "right_base";

export type Contract = [
  Fits<Schemas["Session"], Session>,
  Fits<Schemas["NodeType"], NodeType>,
  Fits<Without<Schemas["Catalog"], "connectors">, Without<Catalog, "connectors">>,
  Fits<Schemas["Card"], HomeCard>,
  Fits<Schemas["Change"], HomeChange>,
  Fits<Schemas["Flow"], FlowRow>,
  Fits<Without<Schemas["FlowDetail"], "document">, Without<FlowDetail, "document">>,
  Fits<Schemas["FlowVersion"], Without<FlowVersion, "document">>,
  Fits<Schemas["FlowProblem"], FlowProblem>,
  Fits<Schemas["OtherDraft"], OtherDraft>,
  Fits<Schemas["Deployment"], Deployment>,
  Fits<Without<Schemas["Run"], "error">, Without<RunRow, "error">>,
  Fits<
    Without<Schemas["RunDetail"], "error" | "document" | "trigger" | "steps" | "unresolved">,
    Without<RunDetail, "error" | "document" | "trigger" | "unresolved">
  >,
  Fits<Without<Schemas["Unresolved"], "params" | "answer" | "looks">, Without<Unresolved, "params" | "answer" | "looks">>,
  Fits<Without<Schemas["BulkPreview"], "runs" | "superseded">, Without<BulkPreview, "runs" | "superseded">>,
  Fits<Schemas["BulkRow"], BulkRow>,
  Fits<Schemas["BulkDetail"], BulkDetail>,
  Fits<Schemas["ReplayPreview"], ReplayPreview>,
  Fits<Without<Schemas["RunEvent"], "data">, Without<RunEvent, "data">>,
  Fits<Without<Schemas["Connection"], "facts" | "settings">, Without<Connection, "facts" | "settings">>,
  Fits<Schemas["HookSecret"], HookSecret>,
  Fits<Schemas["TestEvent"], TestEvent>,
  Fits<Schemas["Delivery"], Delivery>,
  Fits<Schemas["Load"], Load>,
  Fits<Schemas["Crosswalk"], CrosswalkRow>,
  Fits<Schemas["CrosswalkDetail"], CrosswalkDetail>,
  Fits<Schemas["Problem"], ProblemBody>,
  Fits<Schemas["Approval"], Approval>,
  Fits<Without<Schemas["Conflict"], "fields" | "resolutions">, Without<Conflict, "fields" | "resolutions">>,
  Fits<Without<Schemas["ConflictField"], Values>, Without<ConflictField, Values>>,
  Fits<Without<Schemas["Decided"], "fields" | "resolutions">, Without<Decided, "fields" | "resolutions">>,
  Fits<Schemas["DecidedMany"], DecidedMany>,
  Fits<Schemas["SyncRule"], SyncRule>,
  Fits<Schemas["Link"], LinkRow>,
  Fits<Without<Schemas["LinkDetail"], "base" | "conflicts" | "receipts">, Without<LinkDetail, "base" | "conflicts" | "receipts">>,
  Fits<Without<Schemas["LinkReceipt"], "fields">, Without<LinkReceipt, "fields">>,
  Fits<Schemas["Imported"], Imported>,
];
