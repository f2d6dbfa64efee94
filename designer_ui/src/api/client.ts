/** One way to the REST API: JSON in and out, the session's cookie, CSRF, and problems as errors. */

import type { ProblemBody } from "./types";

export const BASE = "/api/v1";

/** An answer that was not a success; carries the problem the server told, or what we know. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly errors: NonNullable<ProblemBody["errors"]>;

  constructor(body: ProblemBody) {
    super(body.detail === undefined || body.detail === "" ? body.title : body.detail);
    this.name = "Problem";
    this.status = body.status;
    this.title = body.title;
    this.detail = body.detail ?? "";
    this.code = body.code ?? "";
    this.errors = body.errors ?? [];
  }
}

/** Status 0 stands for "no answer at all". */
export function unreachable(): Problem {
  return new Problem({ title: "", status: 0, code: "unreachable" });
}

function csrfToken(): string {
  const pair = document.cookie.split("; ").find((one) => one.startsWith("csrftoken="));
  return pair === undefined ? "" : decodeURIComponent(pair.slice("csrftoken=".length));
}

export type Query = { readonly [name: string]: string | number | null | undefined };

export function pathWith(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

function isProblem(value: unknown): value is ProblemBody {
  return typeof value === "object" && value !== null && "title" in value && "status" in value;
}

async function answer<T>(response: Response): Promise<T> {
  if (response.ok) {
    const text = await response.text();
    return (text === "" ? null : JSON.parse(text)) as T;
  }
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    // A proxy in front of us may answer in HTML; the status alone has to do.
  }
  throw new Problem(
    isProblem(body) ? body : { title: response.statusText, status: response.status },
  );
}

async function read(response: Response): Promise<string> {
  if (response.ok) return response.text();
  return answer(response);
}

/** `body` is JSON already. */
async function send(method: string, path: string, body: string | undefined, signal?: AbortSignal, more: RequestInit = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  try {
    return await fetch(`${BASE}${path}`, {
      method,
      credentials: "same-origin",
      ...more,
      headers: { ...headers, ...more.headers },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return answer<T>(await send(method, path, body === undefined ? undefined : JSON.stringify(body), signal));
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
    request<T>("GET", pathWith(path, query), undefined, signal),
  post: <T>(path: string, body: unknown = {}): Promise<T> => request<T>("POST", path, body),
  /** For data that goes back to where it came from: as text, numbers keep their digits. */
  getText: async (path: string, signal?: AbortSignal): Promise<string> => read(await send("GET", path, undefined, signal)),
  postText: async <T>(path: string, json: string, signal?: AbortSignal): Promise<T> => answer<T>(await send("POST", path, json, signal)),
  /** The same, and the answer as text too. */
  sendText: async (method: "PUT" | "POST", path: string, json: string, more: RequestInit = {}): Promise<string> =>
    read(await send(method, path, json, undefined, more)),
  patch: <T>(path: string, body: unknown): Promise<T> => request<T>("PATCH", path, body),
  delete: <T>(path: string): Promise<T> => request<T>("DELETE", path),
};
