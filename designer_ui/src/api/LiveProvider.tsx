import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";

import { browserChannel, type LiveChannel, type LiveMessage, type LiveState } from "./live";

const Context = createContext<LiveChannel | null>(null);

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [channel] = useState(browserChannel);
  return <Context.Provider value={channel}>{children}</Context.Provider>;
}

function useChannel(): LiveChannel {
  const channel = useContext(Context);
  if (channel === null) throw new Error("live channel used outside of its provider");
  return channel;
}

export function useLiveState(): LiveState {
  const channel = useChannel();
  return useSyncExternalStore(channel.watch, channel.snapshot);
}

/** Follows a topic while mounted; null follows nothing. The handler may change between renders. */
export function useLive(topic: string | null, after: number | null, handler: (message: LiveMessage) => void): void {
  const channel = useChannel();
  const latest = useRef(handler);
  const from = useRef(after);
  useEffect(() => {
    latest.current = handler;
    from.current = after;
  });
  useEffect(() => {
    if (topic === null) return;
    return channel.subscribe(topic, from.current, (message) => latest.current(message));
  }, [channel, topic]);
}
