import { describe, expect, it } from "vitest";

import { LiveChannel, parseMessage, type LiveMessage, type SocketLike } from "./live";

class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { readonly data: unknown }) => void) | null = null;
  readonly sent: unknown[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  say(topic: string, number: number, event: unknown = {}): void {
    this.onmessage?.({ data: JSON.stringify({ topic, number, event }) });
  }
}

function bench() {
  const sockets: FakeSocket[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const channel = new LiveChannel({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    later: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return () => {
        timers.splice(timers.indexOf(timer), 1);
      };
    },
    chance: () => 1,
  });
  const socket = (index: number): FakeSocket => {
    const one = sockets[index];
    if (one === undefined) throw new Error(`no socket ${index}`);
    return one;
  };
  return { channel, sockets, timers, socket };
}

describe("LiveChannel", () => {
  it("asks for what came after the number it was given, and drops repeats", () => {
    const { channel, socket } = bench();
    const seen: number[] = [];
    channel.subscribe("run:1", 4, (message: LiveMessage) => seen.push(message.number));
    socket(0).onopen?.();
    expect(socket(0).sent).toEqual([{ subscribe: "run:1", after: 4 }]);
    socket(0).say("run:1", 4);
    socket(0).say("run:1", 5);
    socket(0).say("run:1", 5);
    socket(0).say("run:2", 9);
    socket(0).say("run:1", 6);
    expect(seen).toEqual([5, 6]);
  });

  it("reconnects with growing pauses and resumes after the last number", () => {
    const { channel, sockets, timers, socket } = bench();
    channel.subscribe("runs:demo", null, () => undefined);
    socket(0).onopen?.();
    expect(socket(0).sent).toEqual([{ subscribe: "runs:demo" }]);
    socket(0).say("runs:demo", 17);
    socket(0).onclose?.();
    expect(channel.state).toBe("down");
    expect(timers.map((one) => one.ms)).toEqual([500]);
    timers.shift()?.run();
    socket(1).onclose?.();
    expect(timers.map((one) => one.ms)).toEqual([1000]);
    timers.shift()?.run();
    socket(2).onopen?.();
    expect(channel.state).toBe("open");
    expect(socket(2).sent).toEqual([{ subscribe: "runs:demo", after: 17 }]);
    expect(sockets).toHaveLength(3);
  });

  it("shares a topic among listeners and leaves it with the last one", () => {
    const { channel, timers, socket } = bench();
    const first = channel.subscribe("runs:demo", 0, () => undefined);
    const second = channel.subscribe("runs:demo", 0, () => undefined);
    socket(0).onopen?.();
    first();
    expect(socket(0).sent).toHaveLength(1);
    second();
    expect(socket(0).sent).toEqual([
      { subscribe: "runs:demo", after: 0 },
      { unsubscribe: "runs:demo" },
    ]);
    timers.shift()?.run();
    expect(socket(0).closed).toBe(true);
  });
});

describe("parseMessage", () => {
  it("takes numbered messages and nothing else", () => {
    expect(parseMessage('{"topic":"a","number":1,"event":{}}')).toEqual({ topic: "a", number: 1, event: {} });
    expect(parseMessage('{"error":"denied"}')).toBeNull();
    expect(parseMessage("not json")).toBeNull();
    expect(parseMessage(new Blob())).toBeNull();
  });
});
