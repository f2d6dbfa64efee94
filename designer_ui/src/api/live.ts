/** The live channel: one socket, many topics, resumed after the last number seen. */

/** idle: nothing is followed, so no socket is open. */
export type LiveState = "idle" | "connecting" | "open" | "down";

export interface LiveMessage {
  readonly topic: string;
  readonly number: number;
  readonly event: unknown;
}

export interface SocketLike {
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface LiveOptions {
  readonly open: () => SocketLike;
  readonly later: (run: () => void, ms: number) => () => void;
  /** 0..1, spreads reconnections of many browsers. */
  readonly chance: () => number;
}

type Handler = (message: LiveMessage) => void;

interface Topic {
  /** Last number seen; null until there is one, then the server sends only what is new. */
  number: number | null;
  readonly handlers: Set<Handler>;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const IDLE_CLOSE = 5_000;

export function parseMessage(data: unknown): LiveMessage | null {
  if (typeof data !== "string") return null;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { topic, number, event } = value as { topic?: unknown; number?: unknown; event?: unknown };
  if (typeof topic !== "string" || typeof number !== "number") return null;
  return { topic, number, event };
}

export class LiveChannel {
  state: LiveState = "idle";
  private socket: SocketLike | null = null;
  private failures = 0;
  private cancelLater: (() => void) | null = null;
  private readonly topics = new Map<string, Topic>();
  private readonly watchers = new Set<() => void>();

  constructor(private readonly options: LiveOptions) {}

  /** Calls `handler` for each message of the topic after `after` (null: from now on); gives back
   * how to stop. */
  subscribe(name: string, after: number | null, handler: Handler): () => void {
    let topic = this.topics.get(name);
    if (topic === undefined) {
      topic = { number: after, handlers: new Set() };
      this.topics.set(name, topic);
      if (this.state === "open") this.ask(name, topic);
    }
    const { handlers } = topic;
    handlers.add(handler);
    this.ensure();
    return () => {
      handlers.delete(handler);
      if (handlers.size > 0) return;
      this.topics.delete(name);
      if (this.state === "open") this.socket?.send(JSON.stringify({ unsubscribe: name }));
      this.options.later(() => {
        if (this.topics.size === 0) this.stop();
      }, IDLE_CLOSE);
    };
  }

  watch = (listener: () => void): (() => void) => {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  };

  snapshot = (): LiveState => this.state;

  /** Tries at once instead of waiting out the pause, for example when the network is back. */
  retryNow(): void {
    if (this.socket !== null || this.topics.size === 0) return;
    this.cancelLater?.();
    this.connect();
  }

  private ensure(): void {
    if (this.socket === null && this.cancelLater === null) this.connect();
  }

  private stop(): void {
    this.cancelLater?.();
    this.cancelLater = null;
    const socket = this.socket;
    this.socket = null;
    if (socket !== null) {
      socket.onclose = null;
      socket.close();
    }
    this.failures = 0;
    this.become("idle");
  }

  private connect(): void {
    this.cancelLater = null;
    if (this.state === "idle") this.become("connecting");
    const socket = this.options.open();
    this.socket = socket;
    socket.onopen = () => {
      this.failures = 0;
      this.become("open");
      for (const [name, topic] of this.topics) this.ask(name, topic);
    };
    socket.onmessage = ({ data }) => {
      const message = parseMessage(data);
      if (message === null) return;
      const topic = this.topics.get(message.topic);
      if (topic === undefined || (topic.number !== null && message.number <= topic.number)) return;
      topic.number = message.number;
      for (const handler of topic.handlers) handler(message);
    };
    socket.onclose = () => {
      this.socket = null;
      this.become("down");
      if (this.topics.size === 0) return;
      const pause = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures);
      this.failures += 1;
      this.cancelLater = this.options.later(() => this.connect(), pause * (0.5 + this.options.chance() / 2));
    };
  }

  private ask(name: string, topic: Topic): void {
    const { number } = topic;
    this.socket?.send(JSON.stringify(number === null ? { subscribe: name } : { subscribe: name, after: number }));
  }

  private become(state: LiveState): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.watchers) listener();
  }
}

export function browserChannel(): LiveChannel {
  const channel = new LiveChannel({
    open: () => {
      const scheme = window.location.protocol === "https:" ? "wss" : "ws";
      const socket = new WebSocket(`${scheme}://${window.location.host}/ws/live`);
      const seen: SocketLike = {
        onopen: null,
        onclose: null,
        onmessage: null,
        send: (text) => socket.send(text),
        close: () => socket.close(),
      };
      socket.onopen = () => seen.onopen?.();
      socket.onclose = () => seen.onclose?.();
      socket.onmessage = (message) => seen.onmessage?.({ data: message.data as unknown });
      return seen;
    },
    later: (run, ms) => {
      const timer = window.setTimeout(run, ms);
      return () => window.clearTimeout(timer);
    },
    chance: Math.random,
  });
  window.addEventListener("online", () => channel.retryNow());
  return channel;
}
